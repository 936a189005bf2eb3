-- A detail table against an aggregate of another: the aggregate's key is the join key on one side only.
SET 'scan.interleave' = 'true';

CREATE TABLE visits (page INT, who STRING) WITH ('connector' = 'filesystem', 'path' = 'in/visits.json', 'format' = 'json');
CREATE TABLE pages (id INT, owner STRING) WITH ('connector' = 'filesystem', 'path' = 'in/pages.json', 'format' = 'changelog-json');
CREATE TABLE o (id INT, owner STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE top (owner STRING, hi BIGINT, pages BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/top', 'format' = 'changelog-json');

CREATE VIEW counted AS SELECT p.id, p.owner, v.n
  FROM pages p JOIN (SELECT page, COUNT(DISTINCT who) AS n FROM visits GROUP BY page) v ON p.id = v.page;

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT id, owner, n FROM counted;
  INSERT INTO top SELECT owner, MAX(n), COUNT(*) FROM counted GROUP BY owner;
END;
