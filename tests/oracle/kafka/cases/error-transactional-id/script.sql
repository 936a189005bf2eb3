-- exactly-once without sink.transactional-id-prefix.
CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'topic' = 'x', 'format' = 'json', 'sink.delivery-guarantee' = 'exactly-once');
INSERT INTO t VALUES (1);
