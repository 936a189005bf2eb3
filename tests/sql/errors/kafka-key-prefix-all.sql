CREATE TABLE k (k_id INT, name STRING) WITH (
    'connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'format' = 'json',
    'key.format' = 'json',
    'key.fields' = 'k_id',
    'key.fields-prefix' = 'k_');
INSERT INTO k SELECT 1, 'a';
