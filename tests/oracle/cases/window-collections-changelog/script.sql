-- The same in TUMBLE windows over changes.
CREATE TABLE t (id INT, k STRING, s STRING, v INT, w BOOLEAN, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '4' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'changelog-json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE arrays (ws TIMESTAMP(3), k STRING, a ARRAY<STRING>, i ARRAY<INT>, f ARRAY<INT>) WITH ('connector' = 'filesystem', 'path' = 'out/arrays', 'format' = 'changelog-json');
CREATE TABLE shares (ws TIMESTAMP(3), k STRING, p DOUBLE, q ARRAY<DOUBLE>, f DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/shares', 'format' = 'changelog-json');
CREATE TABLE jsons (ws TIMESTAMP(3), k STRING, a STRING, n STRING) WITH ('connector' = 'filesystem', 'path' = 'out/jsons', 'format' = 'changelog-json');
CREATE TABLE dists (ws TIMESTAMP(3), k STRING, a ARRAY<INT>, s MULTISET<STRING>, p DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/dists', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO arrays SELECT window_start, k, ARRAY_SORT(ARRAY_AGG(s)), ARRAY_SORT(ARRAY_AGG(v) IGNORE NULLS), ARRAY_SORT(ARRAY_AGG(v) FILTER (WHERE w)) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
  INSERT INTO shares SELECT window_start, k, PERCENTILE(v, 0.5), PERCENTILE(v, ARRAY[0.1, 0.9]), PERCENTILE(v, 0.25, id) FILTER (WHERE w) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
  INSERT INTO jsons SELECT window_start, k, JSON_ARRAYAGG(s), JSON_ARRAYAGG(v NULL ON NULL) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
  INSERT INTO dists SELECT window_start, k, ARRAY_SORT(ARRAY_AGG(DISTINCT v)), COLLECT(DISTINCT s), PERCENTILE(DISTINCT v, 0.5) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
END;
