-- FIRST_VALUE, LAST_VALUE and LISTAGG in windows over changes.
CREATE TABLE t (k STRING, v INT, s STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '4' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'changelog-json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE ends (ws TIMESTAMP(3), k STRING, fv INT, lv INT, fs STRING, ls STRING, dv INT) WITH ('connector' = 'filesystem', 'path' = 'out/ends', 'format' = 'changelog-json');
CREATE TABLE lists (ws TIMESTAMP(3), k STRING, l STRING, f STRING) WITH ('connector' = 'filesystem', 'path' = 'out/lists', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO ends SELECT window_start, k, FIRST_VALUE(v), LAST_VALUE(v), FIRST_VALUE(s), LAST_VALUE(s), LAST_VALUE(DISTINCT v) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
  INSERT INTO lists SELECT window_start, k, LISTAGG(s, '/'), LISTAGG(s) FILTER (WHERE v > 1) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
END;
