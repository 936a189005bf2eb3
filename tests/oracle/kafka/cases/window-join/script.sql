-- Two topics joined within windows; a topic of several partitions on each side.
CREATE TABLE a (id BIGINT, tm TIMESTAMP(3), WATERMARK FOR tm AS tm - INTERVAL '1' SECOND) WITH ('connector' = 'kafka', 'topic' = 'window-join.a', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json', 'scan.watermark.emit.strategy' = 'on-event');
CREATE TABLE b (id BIGINT, tm TIMESTAMP(3), WATERMARK FOR tm AS tm - INTERVAL '1' SECOND) WITH ('connector' = 'kafka', 'topic' = 'window-join.b', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json', 'scan.watermark.emit.strategy' = 'on-event');
CREATE TABLE o (ws TIMESTAMP(3), x BIGINT, y STRING, z STRING) WITH ('connector' = 'kafka', 'topic' = 'window-join.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT l.window_start, l.id, CAST(l.tm AS STRING), CAST(r.tm AS STRING) FROM (SELECT * FROM TABLE(TUMBLE(TABLE a, DESCRIPTOR(tm), INTERVAL '10' SECOND))) AS l
  JOIN (SELECT * FROM TABLE(TUMBLE(TABLE b, DESCRIPTOR(tm), INTERVAL '10' SECOND))) AS r ON l.id = r.id AND l.window_start = r.window_start AND l.window_end = r.window_end;
