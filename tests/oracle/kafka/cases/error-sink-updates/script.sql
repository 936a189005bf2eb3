-- Updates into a table of connector kafka with json.
CREATE TABLE t (a INT, n BIGINT) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'topic' = 'x', 'format' = 'json');
INSERT INTO t SELECT a, COUNT(*) FROM (VALUES (1), (2)) AS v (a) GROUP BY a;
