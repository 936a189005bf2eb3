-- Flink cannot merge the slices of a HOP window for JSON_ARRAYAGG.
CREATE TABLE t (k STRING, v INT, s STRING, w BOOLEAN, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '4' SECOND) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json', 'scan.watermark.emit.strategy' = 'on-event');
CREATE TABLE j (ws TIMESTAMP(3), a STRING) WITH ('connector' = 'filesystem', 'path' = 'out/j', 'format' = 'changelog-json');

INSERT INTO j SELECT window_start, JSON_ARRAYAGG(s) FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND) GROUP BY window_start, window_end;
