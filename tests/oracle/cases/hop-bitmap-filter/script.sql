-- Aggregates of BITMAPs in HOP windows with FILTER, and their cardinalities.
CREATE TABLE t (id INT, k STRING, v INT, ts AS TO_TIMESTAMP_LTZ(id * 1000, 3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (s TIMESTAMP_LTZ(3), b STRING, c BIGINT, oc BIGINT, ac BIGINT, xc BIGINT, f STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT window_start, BITMAP_TO_STRING(BITMAP_BUILD_AGG(v)), BITMAP_BUILD_CARDINALITY_AGG(v) FILTER (WHERE id > 2), BITMAP_OR_CARDINALITY_AGG(b), BITMAP_AND_CARDINALITY_AGG(b), BITMAP_XOR_CARDINALITY_AGG(b),
  BITMAP_TO_STRING(BITMAP_OR_AGG(b) FILTER (WHERE v IS NOT NULL AND MOD(id, 2) = 1))
FROM (SELECT *, BITMAP_BUILD(ARRAY[v, id]) AS b FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '3' SECOND)))
GROUP BY window_start, window_end;
