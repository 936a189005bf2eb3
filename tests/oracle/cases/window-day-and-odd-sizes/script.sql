-- Days, weeks of seven days (they start on a Thursday, as 1970 did), 90 minutes and 3 milliseconds.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE by_day (ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/by_day', 'format' = 'changelog-json');
CREATE TABLE by_week (ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/by_week', 'format' = 'changelog-json');
CREATE TABLE odd (ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/odd', 'format' = 'changelog-json');
CREATE TABLE tiny (ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/tiny', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO by_day SELECT window_start, window_end, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY) GROUP BY window_start, window_end;
  INSERT INTO by_week SELECT window_start, window_end, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' DAY) GROUP BY window_start, window_end;
  INSERT INTO odd SELECT window_start, window_end, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1:30' HOUR TO MINUTE) GROUP BY window_start, window_end;
  INSERT INTO tiny SELECT window_start, window_end, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '0.003' SECOND) GROUP BY window_start, window_end;
END;
