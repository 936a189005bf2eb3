-- The end of the input closes all windows that are still open, in the order of time.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' HOUR) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE w (k STRING, we TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');
CREATE TABLE totals (n BIGINT, hi BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/totals', 'format' = 'changelog-json');

CREATE VIEW counts AS SELECT k, window_end AS we, COUNT(*) AS n FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY k, window_start, window_end;
EXECUTE STATEMENT SET BEGIN
  INSERT INTO w SELECT * FROM counts;
  INSERT INTO totals SELECT COUNT(*), MAX(n) FROM counts WHERE k = 'a';
END;
