-- Two topics in one table, and where each row came from.
CREATE TABLE i (id BIGINT, topic STRING METADATA VIRTUAL) WITH ('connector' = 'kafka', 'topic' = 'topic-list.a;topic-list.b', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (id BIGINT, topic STRING) WITH ('connector' = 'kafka', 'topic' = 'topic-list.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT * FROM i;
