-- The branches' types are brought together: integers widen, decimals take both sides' digits, CHAR becomes long enough.
SET 'scan.interleave' = 'true';

CREATE TABLE a (i INT, d DECIMAL(5, 2), c CHAR(2), t TIMESTAMP(0), m TINYINT) WITH ('connector' = 'filesystem', 'path' = 'in/a.json', 'format' = 'json');
CREATE TABLE b (i BIGINT, d DECIMAL(10, 4), c VARCHAR(5), t TIMESTAMP(3), m DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'in/b.json', 'format' = 'json');
CREATE TABLE o (i BIGINT, d STRING, c STRING, t STRING, m DOUBLE, x INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT i, CAST(d AS STRING), c, CAST(t AS STRING), m, x FROM (
  SELECT i, d, c, t, m, 1 AS x FROM a
  UNION ALL
  SELECT i, d, c, t, m, CAST(NULL AS INT) FROM b
);
