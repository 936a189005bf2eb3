-- A window function without aggregation: every row with its windows, late ones too.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE w (k STRING, v INT, ts TIMESTAMP(3), ws TIMESTAMP(3), we TIMESTAMP(3), wt TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');
CREATE TABLE h (k STRING, ws TIMESTAMP(3), we TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/h', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO w SELECT k, v, CAST(ts AS TIMESTAMP(3)), window_start, window_end, window_time FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) WHERE v < 100;
  INSERT INTO h SELECT k, window_start, window_end FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '30' SECOND);
END;
