-- Exactly-once and at-least-once sinks of a bounded job: a read_committed reader sees everything, no transaction stays open.
SET 'execution.checkpointing.interval' = '200 ms';
CREATE TABLE i (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'exactly-once.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o1 (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'exactly-once.exactly', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json', 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'exactly-once.p');
CREATE TABLE o2 (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'exactly-once.least', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json', 'sink.delivery-guarantee' = 'at-least-once');
CREATE TABLE o3 (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'exactly-once.none', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json', 'sink.delivery-guarantee' = 'none');
INSERT INTO o1 SELECT id FROM i;
INSERT INTO o2 SELECT id FROM i;
INSERT INTO o3 SELECT id FROM i;
