-- debezium-json in: a changelog; out again, and aggregated.
CREATE TABLE i (id BIGINT, name STRING, w DOUBLE) WITH ('connector' = 'kafka', 'topic' = 'debezium-json.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'debezium-json');
CREATE TABLE changes (id BIGINT, name STRING, w DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/changes', 'format' = 'changelog-json');
CREATE TABLE o (id BIGINT, name STRING, w DOUBLE) WITH ('connector' = 'kafka', 'topic' = 'debezium-json.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'debezium-json');
CREATE TABLE s (n BIGINT, w DOUBLE) WITH ('connector' = 'kafka', 'topic' = 'debezium-json.sums', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'debezium-json');
INSERT INTO changes SELECT * FROM i;
INSERT INTO o SELECT * FROM i WHERE id > 0;
INSERT INTO s SELECT COUNT(*), SUM(w) FROM i;
