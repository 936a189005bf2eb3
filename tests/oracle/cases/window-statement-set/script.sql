-- Two windows of different size and a plain aggregation over one source; each has its own idea of what is late.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE small (ws TIMESTAMP(3), s INT) WITH ('connector' = 'filesystem', 'path' = 'out/small', 'format' = 'changelog-json');
CREATE TABLE big (ws TIMESTAMP(3), s INT) WITH ('connector' = 'filesystem', 'path' = 'out/big', 'format' = 'changelog-json');
CREATE TABLE so_far (s INT) WITH ('connector' = 'filesystem', 'path' = 'out/so_far', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO small SELECT window_start, SUM(v) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end;
  INSERT INTO big SELECT window_start, SUM(v) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end;
  INSERT INTO so_far SELECT SUM(v) FROM t;
END;
