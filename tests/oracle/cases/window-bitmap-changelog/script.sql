-- Aggregates of BITMAPs in TUMBLE and HOP windows over changes: values that leave, NULLs, FILTER.
CREATE TABLE t (id INT, k STRING, s STRING, v INT, w BOOLEAN, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '4' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'changelog-json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE VIEW b AS SELECT *, BITMAP_BUILD(ARRAY[v, id]) AS b FROM t;
CREATE TABLE tumbles (ws TIMESTAMP(3), k STRING, n STRING, c BIGINT, o STRING, oc BIGINT, x STRING, xc BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/tumbles', 'format' = 'changelog-json');
CREATE TABLE ands (ws TIMESTAMP(3), k STRING, a STRING, ac BIGINT, f STRING) WITH ('connector' = 'filesystem', 'path' = 'out/ands', 'format' = 'changelog-json');
CREATE TABLE hops (ws TIMESTAMP(3), k STRING, n STRING, c BIGINT, o STRING, oc BIGINT, a STRING, x STRING, xc BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/hops', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO tumbles SELECT window_start, k, BITMAP_TO_STRING(BITMAP_BUILD_AGG(v)), BITMAP_BUILD_CARDINALITY_AGG(v) FILTER (WHERE w), BITMAP_TO_STRING(BITMAP_OR_AGG(b)), BITMAP_OR_CARDINALITY_AGG(b), BITMAP_TO_STRING(BITMAP_XOR_AGG(b)), BITMAP_XOR_CARDINALITY_AGG(b) FROM TUMBLE(TABLE b, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
  INSERT INTO ands SELECT window_start, k, BITMAP_TO_STRING(BITMAP_AND_AGG(b)), BITMAP_AND_CARDINALITY_AGG(b), BITMAP_TO_STRING(BITMAP_AND_AGG(b) FILTER (WHERE w)) FROM TUMBLE(TABLE b, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
  INSERT INTO hops SELECT window_start, k, BITMAP_TO_STRING(BITMAP_BUILD_AGG(v)), BITMAP_BUILD_CARDINALITY_AGG(v), BITMAP_TO_STRING(BITMAP_OR_AGG(b)), BITMAP_OR_CARDINALITY_AGG(b), BITMAP_TO_STRING(BITMAP_AND_AGG(b)), BITMAP_TO_STRING(BITMAP_XOR_AGG(b)), BITMAP_XOR_CARDINALITY_AGG(b) FROM HOP(TABLE b, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
END;
