-- LISTAGG in windows.
CREATE TABLE t (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE tum (ws TIMESTAMP(3), k STRING, l STRING, p STRING) WITH ('connector' = 'filesystem', 'path' = 'out/tum', 'format' = 'changelog-json');
CREATE TABLE hop (ws TIMESTAMP(3), k STRING, l STRING, p STRING) WITH ('connector' = 'filesystem', 'path' = 'out/hop', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO tum SELECT window_start, k, LISTAGG(s), LISTAGG(s, '-') FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
  INSERT INTO hop SELECT window_start, k, LISTAGG(s), LISTAGG(s, '-') FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND) GROUP BY window_start, window_end, k;
END;
