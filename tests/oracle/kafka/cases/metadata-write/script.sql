-- timestamp and headers written through metadata columns; NULL in both.
CREATE TABLE i (id BIGINT, ms BIGINT, h STRING) WITH ('connector' = 'kafka', 'topic' = 'metadata-write.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (id BIGINT, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', headers MAP<STRING, BYTES> METADATA) WITH ('connector' = 'kafka', 'topic' = 'metadata-write.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT id, TO_TIMESTAMP_LTZ(ms, 3), CASE WHEN h IS NULL THEN CAST(NULL AS MAP<STRING, BYTES>) ELSE MAP[h, ENCODE(h || '!', 'UTF-8')] END FROM i;
