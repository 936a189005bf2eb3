-- Offsets move the windows' borders, by minus as well as by plus.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE w (src STRING, ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');
CREATE TABLE early (ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/early', 'format' = 'changelog-json');
CREATE TABLE h (ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/h', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO w SELECT k, window_start, window_end, COUNT(*)
    FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' MINUTE, INTERVAL '4' MINUTE) GROUP BY k, window_start, window_end;
  INSERT INTO early SELECT window_start, window_end, COUNT(*)
    FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' MINUTE, INTERVAL '-4' MINUTE) GROUP BY window_start, window_end;
  INSERT INTO h SELECT window_start, window_end, COUNT(*)
    FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE, INTERVAL '1' MINUTE) GROUP BY window_start, window_end;
END;
