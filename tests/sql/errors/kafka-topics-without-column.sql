CREATE TABLE k (id INT, name STRING) WITH (
    'connector' = 'kafka', 'properties.bootstrap.servers' = 'h:9092',
    'format' = 'json',
    'topic' = 'a;b');
INSERT INTO k SELECT 1, 'a';
