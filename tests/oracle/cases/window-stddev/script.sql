-- STDDEV and VAR in windows; slices of HOP are merged.
CREATE TABLE t (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE tum (ws TIMESTAMP(3), k STRING, a DOUBLE, b DOUBLE, c INT) WITH ('connector' = 'filesystem', 'path' = 'out/tum', 'format' = 'changelog-json');
CREATE TABLE hop (ws TIMESTAMP(3), k STRING, a DOUBLE, b DOUBLE, c INT) WITH ('connector' = 'filesystem', 'path' = 'out/hop', 'format' = 'changelog-json');
CREATE TABLE tumd (ws TIMESTAMP(3), k STRING, e INT) WITH ('connector' = 'filesystem', 'path' = 'out/tumd', 'format' = 'changelog-json');
CREATE TABLE hopd (ws TIMESTAMP(3), k STRING, e INT) WITH ('connector' = 'filesystem', 'path' = 'out/hopd', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO tum SELECT window_start, k, STDDEV_POP(d), VAR_SAMP(d) FILTER (WHERE v > 1), VAR_POP(v) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
  INSERT INTO hop SELECT window_start, k, STDDEV_POP(d), VAR_SAMP(d) FILTER (WHERE v > 1), VAR_POP(v) FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND) GROUP BY window_start, window_end, k;
  INSERT INTO tumd SELECT window_start, k, STDDEV_SAMP(DISTINCT v) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
  INSERT INTO hopd SELECT window_start, k, STDDEV_SAMP(DISTINCT v) FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND) GROUP BY window_start, window_end, k;
END;
