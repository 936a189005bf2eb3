-- Two columns from one metadata key.
CREATE TABLE t (a INT, p INT METADATA FROM 'partition' VIRTUAL, q STRING METADATA FROM 'partition' VIRTUAL) WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = 'localhost:9092', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'topic' = 'x', 'format' = 'json');
SELECT * FROM t;
