-- round-robin with a key.
CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'topic' = 'x', 'key.format' = 'json', 'key.fields' = 'a', 'value.format' = 'json', 'sink.partitioner' = 'round-robin');
INSERT INTO t VALUES (1);
