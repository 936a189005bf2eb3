-- Windows over instants follow the local clock of Australia/Lord_Howe: a change of half an hour.
SET 'table.local-time-zone' = 'Australia/Lord_Howe';

CREATE TABLE t (k STRING, v INT, ts TIMESTAMP_LTZ(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE hours (ws TIMESTAMP(3), we TIMESTAMP(3), wt TIMESTAMP_LTZ(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/hours', 'format' = 'changelog-json');
CREATE TABLE days (ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT, first_row TIMESTAMP_LTZ(3)) WITH ('connector' = 'filesystem', 'path' = 'out/days', 'format' = 'changelog-json');
CREATE TABLE rows_out (k STRING, ts TIMESTAMP_LTZ(3), local_time STRING, ws TIMESTAMP(3), we TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/rows_out', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO hours SELECT window_start, window_end, window_time, COUNT(*)
    FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR) GROUP BY window_start, window_end, window_time;
  INSERT INTO days SELECT window_start, window_end, COUNT(*), MIN(ts)
    FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY) GROUP BY window_start, window_end;
  INSERT INTO rows_out SELECT k, ts, CAST(ts AS STRING), window_start, window_end
    FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '30' MINUTE);
END;
