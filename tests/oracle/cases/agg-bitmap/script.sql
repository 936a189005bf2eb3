-- BITMAP_BUILD_AGG and its cardinality: NULLs, negative numbers, DISTINCT, FILTER; NULL of no numbers.
CREATE TABLE t (id INT, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (k STRING, s STRING, n BIGINT, d BIGINT, f STRING, c BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT k, BITMAP_TO_STRING(BITMAP_BUILD_AGG(v)), BITMAP_BUILD_CARDINALITY_AGG(v), BITMAP_CARDINALITY(BITMAP_BUILD_AGG(DISTINCT v)),
  BITMAP_TO_STRING(BITMAP_BUILD_AGG(CAST(v AS SMALLINT)) FILTER (WHERE id > 1 AND v < 1000 AND v > -1000)), COUNT(*)
FROM t GROUP BY k;
