-- All metadata of a record: topic, partition, offset, timestamp, its type, headers, leader epoch; as other types than their own too.
CREATE TABLE i (id BIGINT, topic STRING NOT NULL METADATA VIRTUAL, `partition` INT METADATA VIRTUAL, pos BIGINT METADATA FROM 'offset' VIRTUAL,
    `timestamp` TIMESTAMP_LTZ(3) METADATA, kind STRING METADATA FROM 'timestamp-type' VIRTUAL, headers MAP<STRING, BYTES> METADATA,
    epoch STRING METADATA FROM 'leader-epoch' VIRTUAL)
  WITH ('connector' = 'kafka', 'topic' = 'metadata-read.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (id BIGINT, topic STRING, `partition` INT, pos BIGINT, ts TIMESTAMP_LTZ(3), kind STRING, a STRING, b BYTES, n INT, epoch STRING)
  WITH ('connector' = 'kafka', 'topic' = 'metadata-read.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT id, topic, `partition`, pos, `timestamp`, kind, DECODE(headers['a'], 'UTF-8'), headers['b'], CARDINALITY(headers), epoch FROM i;
