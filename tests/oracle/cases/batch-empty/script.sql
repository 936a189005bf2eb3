-- Batch mode: aggregates over no rows: one row without GROUP BY, none with it.
SET 'execution.runtime-mode' = 'BATCH';
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE all_of_none (n BIGINT, s INT, m STRING, a INT, d BIGINT, l STRING, f BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/all_of_none', 'format' = 'json');
CREATE TABLE no_groups (k STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/no_groups', 'format' = 'json');
CREATE TABLE twice (n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/twice', 'format' = 'json');
CREATE TABLE refused (n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/refused', 'format' = 'json');
CREATE TABLE of_rows (n BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/of_rows', 'format' = 'json');
CREATE TABLE kept (n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/kept', 'format' = 'json');

INSERT INTO all_of_none SELECT COUNT(*), SUM(v), MAX(k), AVG(v), COUNT(DISTINCT v), LISTAGG(k), COUNT(*) FILTER (WHERE v > 0) FROM t WHERE k = 'z';
INSERT INTO no_groups SELECT k, COUNT(*) FROM t WHERE k = 'z' GROUP BY k;
INSERT INTO twice SELECT COUNT(*) FROM (SELECT SUM(v) AS s FROM t WHERE k = 'z');
INSERT INTO refused SELECT COUNT(*) FROM t WHERE k = 'z' HAVING COUNT(*) > 0;
INSERT INTO of_rows SELECT COUNT(*), SUM(v) FROM t;
INSERT INTO kept SELECT COUNT(*) FROM t WHERE k = 'z' HAVING COUNT(*) = 0;
