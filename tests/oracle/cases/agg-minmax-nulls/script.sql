-- MIN and MAX over NULLs only, and over booleans.
CREATE TABLE t (k STRING, v INT, b BOOLEAN, s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE changes (k STRING, v INT, b BOOLEAN, s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/changes.json', 'format' = 'changelog-json');
CREATE TABLE r (k STRING, hi INT, lo INT, hb BOOLEAN, lb BOOLEAN, hs STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');
CREATE TABLE r2 (k STRING, hi INT, lo INT, hb BOOLEAN, lb BOOLEAN, hs STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r2', 'format' = 'changelog-json');

INSERT INTO r SELECT k, MAX(v), MIN(v), MAX(b), MIN(b), MAX(s), COUNT(*) FROM t GROUP BY k;
INSERT INTO r2 SELECT k, MAX(v), MIN(v), MAX(b), MIN(b), MAX(s), COUNT(*) FROM changes GROUP BY k;
