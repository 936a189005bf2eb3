-- GROUPING SETS within windows.
CREATE TABLE t (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE sets (ws TIMESTAMP(3), k STRING, v INT, n BIGINT, d DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/sets', 'format' = 'changelog-json');
CREATE TABLE rolled (ws TIMESTAMP(3), k STRING, n BIGINT, g BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/rolled', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO sets SELECT window_start, k, v, COUNT(*), SUM(d) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, GROUPING SETS ((k), (v), ());
  INSERT INTO rolled SELECT window_start, k, COUNT(*), GROUPING(k) FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND) GROUP BY window_start, window_end, ROLLUP (k);
END;
