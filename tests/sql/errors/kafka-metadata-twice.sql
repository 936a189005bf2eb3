CREATE TABLE k (id INT, p INT METADATA FROM 'partition' VIRTUAL, q STRING METADATA FROM 'partition' VIRTUAL) WITH (
    'connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'format' = 'json',
    'scan.startup.mode' = 'earliest-offset');
SELECT * FROM k;
