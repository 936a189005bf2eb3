-- A metadata column that cannot be written.
CREATE TABLE t (a INT, `offset` BIGINT METADATA) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'topic' = 'x', 'format' = 'json');
INSERT INTO t VALUES (1, 2);
