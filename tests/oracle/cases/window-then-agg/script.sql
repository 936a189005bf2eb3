-- An ordinary aggregation on top of a windowed one: updates without retractions from below.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE best (k STRING, windows BIGINT, most BIGINT, total INT) WITH ('connector' = 'filesystem', 'path' = 'out/best', 'format' = 'changelog-json');
CREATE TABLE hist (n BIGINT, windows BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/hist', 'format' = 'changelog-json');

CREATE VIEW w AS SELECT k, window_start AS ws, COUNT(*) AS n, SUM(v) AS s FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY k, window_start, window_end;
EXECUTE STATEMENT SET BEGIN
  INSERT INTO best SELECT k, COUNT(*), MAX(n), SUM(s) FROM w GROUP BY k;
  INSERT INTO hist SELECT n, COUNT(*) FROM w WHERE k = 'a' GROUP BY n;
END;
