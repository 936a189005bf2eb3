-- Before 1970 windows are aligned downwards as well. The watermark comes from one late mark only.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS CASE WHEN k = 'mark' THEN ts END) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE w (ws TIMESTAMP(3), we TIMESTAMP(3), wt TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');
CREATE TABLE h (ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/h', 'format' = 'changelog-json');
CREATE TABLE shifted (ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/shifted', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO w SELECT window_start, window_end, window_time, COUNT(*)
    FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' MINUTE) GROUP BY window_start, window_end, window_time;
  INSERT INTO h SELECT window_start, window_end, COUNT(*)
    FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE) GROUP BY window_start, window_end;
  INSERT INTO shifted SELECT window_start, window_end, COUNT(*)
    FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '20' MINUTE) GROUP BY window_start, window_end;
END;
