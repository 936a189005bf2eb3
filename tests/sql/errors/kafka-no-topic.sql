CREATE TABLE k (id INT, name STRING) WITH (
    'connector' = 'kafka', 'properties.bootstrap.servers' = 'h:9092',
    'format' = 'json',
    'scan.startup.mode' = 'earliest-offset');
SELECT * FROM k;
