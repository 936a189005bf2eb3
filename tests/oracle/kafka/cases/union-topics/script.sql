-- UNION ALL of two topics into one, a computed column, a constant, a time of the record.
CREATE TABLE a (id BIGINT, twice AS id * 2, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp') WITH ('connector' = 'kafka', 'topic' = 'union-topics.a', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE b (id STRING, pos BIGINT METADATA FROM 'offset' VIRTUAL) WITH ('connector' = 'kafka', 'topic' = 'union-topics.b', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (side STRING, id BIGINT, x BIGINT, y STRING) WITH ('connector' = 'kafka', 'topic' = 'union-topics.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT 'a', id, twice, CAST(ts AS STRING) FROM a UNION ALL SELECT 'b', CAST(id AS BIGINT), pos, CAST(NULL AS STRING) FROM b;
