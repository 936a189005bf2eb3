-- A slide as long as the window, and one of a fraction; a derived key; groups that appear in some windows only.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE same (k STRING, ws TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/same', 'format' = 'changelog-json');
CREATE TABLE fine (half BOOLEAN, ws TIMESTAMP(3), n BIGINT, lo INT) WITH ('connector' = 'filesystem', 'path' = 'out/fine', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO same SELECT k, window_start, COUNT(*) FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' MINUTE) GROUP BY k, window_start, window_end;
  INSERT INTO fine SELECT v < 5, window_start, COUNT(*), MIN(v) FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '15' SECOND, INTERVAL '1' MINUTE) GROUP BY v < 5, window_start, window_end;
END;
