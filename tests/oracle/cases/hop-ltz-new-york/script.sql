-- Overlapping windows over instants across both changes of the clock, and a cascade on top.
SET 'table.local-time-zone' = 'America/New_York';

CREATE TABLE t (k STRING, v INT, ts TIMESTAMP_LTZ(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE hops (ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/hops', 'format' = 'changelog-json');
CREATE TABLE days (ws TIMESTAMP(3), we TIMESTAMP(3), parts BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/days', 'format' = 'changelog-json');

CREATE VIEW hourly AS SELECT window_time AS rt, SUM(v) AS s FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR) GROUP BY window_start, window_end, window_time;

EXECUTE STATEMENT SET BEGIN
  INSERT INTO hops SELECT window_start, window_end, COUNT(*), SUM(v)
    FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '3' HOUR) GROUP BY window_start, window_end;
  INSERT INTO days
    SELECT window_start, window_end, COUNT(*), SUM(s)
    FROM TUMBLE(TABLE hourly, DESCRIPTOR(rt), INTERVAL '1' DAY) GROUP BY window_start, window_end;
END;
