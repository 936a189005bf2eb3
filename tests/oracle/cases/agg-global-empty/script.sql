-- Global aggregates over nothing at all stay silent in a stream.
CREATE TABLE t (v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE nothing (v INT) WITH ('connector' = 'filesystem', 'path' = 'in/nothing.json', 'format' = 'json');
CREATE TABLE r (n BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');
CREATE TABLE r2 (n BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/r2', 'format' = 'changelog-json');
CREATE TABLE r3 (n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r3', 'format' = 'changelog-json');

INSERT INTO r SELECT COUNT(*), SUM(v) FROM nothing;
INSERT INTO r2 SELECT COUNT(*), SUM(v) FROM t WHERE v > 1000;
INSERT INTO r3 SELECT COUNT(v) FROM t WHERE v IS NULL;
