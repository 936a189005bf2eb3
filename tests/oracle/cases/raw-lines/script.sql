-- Whole lines as strings; an aggregation over their words' lengths.
CREATE TABLE t (line STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.txt', 'format' = 'raw');
CREATE TABLE o (line STRING, n INT, kind STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE kinds (kind STRING, n BIGINT, longest INT) WITH ('connector' = 'filesystem', 'path' = 'out/kinds', 'format' = 'changelog-json');

CREATE VIEW v AS SELECT line, CHAR_LENGTH(line) AS n, CASE WHEN line LIKE 'ERROR%' THEN 'error' WHEN line LIKE '%WARN%' THEN 'warn' ELSE 'other' END AS kind FROM t;

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT * FROM v;
  INSERT INTO kinds SELECT kind, COUNT(*), MAX(n) FROM v GROUP BY kind;
END;
