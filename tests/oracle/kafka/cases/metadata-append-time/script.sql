-- A topic whose broker stamps the records: timestamp-type LogAppendTime.
CREATE TABLE i (id BIGINT, kind STRING METADATA FROM 'timestamp-type' VIRTUAL, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp')
  WITH ('connector' = 'kafka', 'topic' = 'metadata-append-time.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (id BIGINT, kind STRING, recent BOOLEAN) WITH ('connector' = 'kafka', 'topic' = 'metadata-append-time.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT id, kind, ts > TO_TIMESTAMP_LTZ(1704067200000, 3) FROM i;
