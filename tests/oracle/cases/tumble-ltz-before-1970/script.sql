-- The same over instants, in a zone with half an hour and with another offset in 1941 than later.
SET 'table.local-time-zone' = 'Asia/Kolkata';

CREATE TABLE t (k STRING, v INT, ts TIMESTAMP_LTZ(3), WATERMARK FOR ts AS CASE WHEN k = 'mark' THEN ts END) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE hours (ws TIMESTAMP(3), we TIMESTAMP(3), wt TIMESTAMP_LTZ(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/hours', 'format' = 'changelog-json');
CREATE TABLE days (ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/days', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO hours SELECT window_start, window_end, window_time, COUNT(*)
    FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR) GROUP BY window_start, window_end, window_time;
  INSERT INTO days SELECT window_start, window_end, COUNT(*)
    FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY) GROUP BY window_start, window_end;
END;
