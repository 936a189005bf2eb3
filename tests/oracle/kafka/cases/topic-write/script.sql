-- The topic as a column that is written: each row goes where it says.
CREATE TABLE i (id BIGINT, t STRING) WITH ('connector' = 'kafka', 'topic' = 'topic-write.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (id BIGINT, topic STRING NOT NULL METADATA) WITH ('connector' = 'kafka', 'topic' = 'topic-write.a;topic-write.b', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT id, 'topic-write.' || t FROM i;
