-- FIRST_VALUE and LAST_VALUE of times.
CREATE TABLE t (id INT, k STRING, i INT, s STRING, w BOOLEAN, o BOOLEAN, d DOUBLE, f FLOAT, m DECIMAL(10, 2), big DECIMAL(30, 2), dt DATE, tm TIME, t3 TIMESTAMP(3), t9 TIMESTAMP(9)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE types (k STRING, fdt DATE, ldt DATE, ftm TIME, ltm TIME, ft3 TIMESTAMP(3), lt3 TIMESTAMP(3), ft9 TIMESTAMP(9), lt9 TIMESTAMP(9)) WITH ('connector' = 'filesystem', 'path' = 'out/types', 'format' = 'changelog-json');

INSERT INTO types SELECT k, FIRST_VALUE(dt), LAST_VALUE(dt), FIRST_VALUE(tm), LAST_VALUE(tm), FIRST_VALUE(t3), LAST_VALUE(t3), FIRST_VALUE(t9), LAST_VALUE(t9) FROM t GROUP BY k;
