CREATE TABLE k (id INT, name STRING) WITH (
    'connector' = 'kafka', 'topic' = 't',
    'format' = 'json',
    'scan.startup.mode' = 'earliest-offset');
SELECT * FROM k;
