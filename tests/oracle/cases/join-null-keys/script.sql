-- NULL never equals NULL in a join; with two key columns one NULL is enough. Deletes of such rows go nowhere as well.
SET 'scan.interleave' = 'true';

CREATE TABLE l (id INT, a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'in/l.json', 'format' = 'changelog-json');
CREATE TABLE r (id INT, a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'in/r.json', 'format' = 'changelog-json');
CREATE TABLE single (l INT, r INT) WITH ('connector' = 'filesystem', 'path' = 'out/single', 'format' = 'changelog-json');
CREATE TABLE both_keys (l INT, r INT) WITH ('connector' = 'filesystem', 'path' = 'out/both_keys', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO single SELECT l.id, r.id FROM l JOIN r ON l.a = r.a;
  INSERT INTO both_keys SELECT l.id, r.id FROM l JOIN r ON l.a = r.a AND l.b = r.b;
END;
