-- All kinds of aggregates within windows: decimals, doubles, averages, strings, dates; a sum that wraps.
CREATE TABLE t (i INT, b BIGINT, de DECIMAL(10, 2), d DOUBLE, f FLOAT, s STRING, da DATE, ok BOOLEAN, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE sums (ws TIMESTAMP(3), i INT, b BIGINT, de DECIMAL(38, 2), d DOUBLE, f FLOAT) WITH ('connector' = 'filesystem', 'path' = 'out/sums', 'format' = 'changelog-json');
CREATE TABLE avgs (ws TIMESTAMP(3), i INT, b BIGINT, de DECIMAL(38, 6), d DOUBLE, f FLOAT) WITH ('connector' = 'filesystem', 'path' = 'out/avgs', 'format' = 'changelog-json');
CREATE TABLE ends (ws TIMESTAMP(3), de DECIMAL(10, 2), d DOUBLE, s STRING, slo STRING, da DATE, ok BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'out/ends', 'format' = 'changelog-json');

CREATE VIEW w AS SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR);
EXECUTE STATEMENT SET BEGIN
  INSERT INTO sums SELECT window_start, SUM(i), SUM(b), SUM(de), SUM(d), SUM(f) FROM w GROUP BY window_start, window_end;
  INSERT INTO avgs SELECT window_start, AVG(i), AVG(b), AVG(de), AVG(d), AVG(f) FROM w GROUP BY window_start, window_end;
  INSERT INTO ends SELECT window_start, MAX(de), MIN(d), MAX(s), MIN(s), MAX(da), MAX(ok) FROM w GROUP BY window_start, window_end;
END;
