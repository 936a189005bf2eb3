-- Topics by a pattern, which must match the whole name.
CREATE TABLE i (id BIGINT, topic STRING METADATA VIRTUAL)
  WITH ('connector' = 'kafka', 'topic-pattern' = 'topic-pattern\.in-[0-9]+', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (id BIGINT, topic STRING) WITH ('connector' = 'kafka', 'topic' = 'topic-pattern.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT * FROM i;
