-- Computed columns: from several physical ones, with functions, as rowtime; they are no part of the format.
CREATE TABLE t (
  id INT,
  net DECIMAL(8, 2),
  rate DECIMAL(3, 2),
  raw_time STRING,
  gross AS net * (1 + rate),
  ts AS TO_TIMESTAMP(raw_time, 'yyyy/MM/dd HH:mm'),
  label AS CONCAT('#', CAST(id AS STRING)),
  WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE
) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE o (label STRING, gross DECIMAL(13, 4), ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE w (ws TIMESTAMP(3), n BIGINT, s DECIMAL(38, 4)) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT label, gross, ts FROM t;
  INSERT INTO w SELECT window_start, COUNT(*), SUM(gross) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' MINUTES) GROUP BY window_start, window_end;
END;
