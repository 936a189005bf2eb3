-- GROUP BY a VARIANT, DISTINCT ones, and one of them kept in the state of a join.
CREATE TABLE t (id INT, k STRING, v STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (j STRING, n BIGINT, d BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT JSON_STRING(p), COUNT(*), COUNT(DISTINCT k) FROM (SELECT k, TRY_PARSE_JSON(v) AS p FROM t) GROUP BY p;
