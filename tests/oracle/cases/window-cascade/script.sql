-- Windows over windows by window_time: minutes, then five minutes, then everything so far.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE minutes_out (k STRING, ws TIMESTAMP(3), rt TIMESTAMP(3), s INT) WITH ('connector' = 'filesystem', 'path' = 'out/minutes_out', 'format' = 'changelog-json');
CREATE TABLE fives (ws TIMESTAMP(3), we TIMESTAMP(3), parts BIGINT, s INT, hi INT) WITH ('connector' = 'filesystem', 'path' = 'out/fives', 'format' = 'changelog-json');
CREATE TABLE fives_by_key (k STRING, we TIMESTAMP(3), parts BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/fives_by_key', 'format' = 'changelog-json');

CREATE VIEW per_minute AS
  SELECT k, window_start AS ws, window_time AS rt, SUM(v) AS s
  FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)
  GROUP BY k, window_start, window_end, window_time;

EXECUTE STATEMENT SET BEGIN
  INSERT INTO minutes_out SELECT k, ws, rt, s FROM per_minute;
  INSERT INTO fives SELECT window_start, window_end, COUNT(*), SUM(s), MAX(s)
    FROM TUMBLE(TABLE per_minute, DESCRIPTOR(rt), INTERVAL '5' MINUTE) GROUP BY window_start, window_end;
  INSERT INTO fives_by_key SELECT k, window_end, COUNT(*), SUM(s)
    FROM HOP(TABLE per_minute, DESCRIPTOR(rt), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE) GROUP BY k, window_start, window_end;
END;
