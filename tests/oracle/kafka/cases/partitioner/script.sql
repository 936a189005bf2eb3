-- sink.partitioner fixed: one subtask, one partition. round-robin: every row once.
CREATE TABLE i (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'partitioner.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o1 (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'partitioner.fixed', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json', 'sink.partitioner' = 'fixed');
CREATE TABLE o2 (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'partitioner.round', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json', 'sink.partitioner' = 'round-robin');
INSERT INTO o1 SELECT id FROM i;
INSERT INTO o2 SELECT id FROM i;
