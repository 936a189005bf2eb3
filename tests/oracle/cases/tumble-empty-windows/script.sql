-- Windows without rows give nothing; a jump of the watermark closes several in the order of time; filtered rows move the watermark too.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE w (k STRING, ws TIMESTAMP(3), n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');

CREATE VIEW positive AS SELECT * FROM t WHERE v > 0;

INSERT INTO w
SELECT k, window_start, COUNT(*)
FROM TUMBLE(TABLE positive, DESCRIPTOR(ts), INTERVAL '1' MINUTE)
GROUP BY k, window_start, window_end;
