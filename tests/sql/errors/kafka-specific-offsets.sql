CREATE TABLE k (id INT, name STRING) WITH (
    'connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'format' = 'json',
    'scan.startup.mode' = 'specific-offsets',
    'scan.startup.specific-offsets' = '0:42');
SELECT * FROM k;
