-- Batch mode: ORDER BY of several types with NULLs, LIMIT and OFFSET, the final rows of aggregates.
SET 'execution.runtime-mode' = 'BATCH';
CREATE TABLE t (id INT, k STRING, v INT, d DOUBLE, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE by_text (id INT, k STRING) WITH ('connector' = 'filesystem', 'path' = 'out/by_text', 'format' = 'json');
CREATE TABLE by_number (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = 'out/by_number', 'format' = 'json');
CREATE TABLE nulls_last (id INT, v INT) WITH ('connector' = 'filesystem', 'path' = 'out/nulls_last', 'format' = 'json');
CREATE TABLE nulls_first (id INT, k STRING) WITH ('connector' = 'filesystem', 'path' = 'out/nulls_first', 'format' = 'json');
CREATE TABLE by_double (id INT, d DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/by_double', 'format' = 'json');
CREATE TABLE by_time (id INT, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/by_time', 'format' = 'json');
CREATE TABLE limited (id INT) WITH ('connector' = 'filesystem', 'path' = 'out/limited', 'format' = 'json');
CREATE TABLE expressions (id INT) WITH ('connector' = 'filesystem', 'path' = 'out/expressions', 'format' = 'json');
CREATE TABLE grouped (k STRING, n BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/grouped', 'format' = 'json');
CREATE TABLE unions (x INT) WITH ('connector' = 'filesystem', 'path' = 'out/unions', 'format' = 'json');
CREATE TABLE distincts (v INT) WITH ('connector' = 'filesystem', 'path' = 'out/distincts', 'format' = 'json');
CREATE TABLE inner_limit (n BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/inner_limit', 'format' = 'json');

INSERT INTO by_text SELECT id, k FROM t ORDER BY k, id;
INSERT INTO by_number SELECT id, v FROM t ORDER BY v DESC, id DESC;
INSERT INTO nulls_last SELECT id, v FROM t ORDER BY v NULLS LAST, id;
INSERT INTO nulls_first SELECT id, k FROM t ORDER BY k DESC NULLS FIRST, id;
INSERT INTO by_double SELECT id, d FROM t ORDER BY d, id;
INSERT INTO by_time SELECT id, ts FROM t ORDER BY ts DESC, id;
INSERT INTO limited SELECT id FROM t ORDER BY v + id, id LIMIT 3 OFFSET 2;
INSERT INTO expressions SELECT id FROM t ORDER BY UPPER(k), ABS(v) DESC, id FETCH FIRST 5 ROWS ONLY;
INSERT INTO grouped SELECT k, COUNT(*), SUM(v) FROM t GROUP BY k ORDER BY COUNT(*) DESC, k;
INSERT INTO unions SELECT id FROM t WHERE id < 3 UNION ALL SELECT v FROM t WHERE v < 8 ORDER BY 1;
INSERT INTO distincts SELECT DISTINCT v FROM t ORDER BY v;
INSERT INTO inner_limit SELECT COUNT(*), SUM(v) FROM (SELECT v FROM t ORDER BY id LIMIT 4);
