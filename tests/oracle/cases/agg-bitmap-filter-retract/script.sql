-- Aggregates of BITMAPs over changes with FILTER and DISTINCT: what the filter leaves out makes no change, equal values leave one by one.
CREATE TABLE t (id INT, k STRING, v INT, w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE o (k STRING, b STRING, d BIGINT, f STRING, oc BIGINT, xc BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT k, BITMAP_TO_STRING(BITMAP_BUILD_AGG(v)), BITMAP_BUILD_CARDINALITY_AGG(DISTINCT v), BITMAP_TO_STRING(BITMAP_BUILD_AGG(v) FILTER (WHERE w)),
  BITMAP_OR_CARDINALITY_AGG(BITMAP_BUILD(ARRAY[v, 100])) FILTER (WHERE w), BITMAP_XOR_CARDINALITY_AGG(BITMAP_BUILD(ARRAY[v]))
FROM t GROUP BY k;
