-- An unknown partitioner.
CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'topic' = 'x', 'format' = 'json', 'sink.partitioner' = 'hash');
INSERT INTO t VALUES (1);
