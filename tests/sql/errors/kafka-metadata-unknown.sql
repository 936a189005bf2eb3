CREATE TABLE k (id INT, name STRING, o BIGINT METADATA FROM 'ofset' VIRTUAL) WITH (
    'connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'format' = 'json',
    'scan.startup.mode' = 'earliest-offset');
SELECT * FROM k;
