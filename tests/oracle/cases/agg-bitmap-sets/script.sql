-- BITMAP_OR_AGG, BITMAP_AND_AGG, BITMAP_XOR_AGG and their cardinalities: NULL and empty sets, the same set twice.
CREATE TABLE t (id INT, k STRING, v ARRAY<INT>) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (k STRING, o STRING, oc BIGINT, a STRING, ac BIGINT, x STRING, xc BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT k, BITMAP_TO_STRING(BITMAP_OR_AGG(b)), BITMAP_OR_CARDINALITY_AGG(b), BITMAP_TO_STRING(BITMAP_AND_AGG(b)), BITMAP_AND_CARDINALITY_AGG(b),
  BITMAP_TO_STRING(BITMAP_XOR_AGG(b)), BITMAP_XOR_CARDINALITY_AGG(b)
FROM (SELECT k, BITMAP_BUILD(v) AS b FROM t) GROUP BY k;
