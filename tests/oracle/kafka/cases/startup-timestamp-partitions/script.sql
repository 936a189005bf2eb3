-- Three partitions, a timestamp that cuts each elsewhere.
CREATE TABLE i (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-timestamp-partitions.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'timestamp', 'scan.startup.timestamp-millis' = '1700000002000', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'startup-timestamp-partitions.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT id FROM i;
