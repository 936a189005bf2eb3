CREATE TABLE k (id INT, name STRING) WITH (
    'connector' = 'kafka', 'properties.bootstrap.servers' = 'h:9092',
    'format' = 'json',
    'topic' = 'a;b',
    'scan.startup.mode' = 'specific-offsets',
    'scan.startup.specific-offsets' = 'partition:0,offset:42');
SELECT * FROM k;
