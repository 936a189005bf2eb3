CREATE TABLE k (id INT, name STRING) WITH (
    'connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'format' = 'json',
    'key.format' = 'json',
    'key.fields' = 'id',
    'key.fields-prefix' = 'k_',
    'value.fields-include' = 'EXCEPT_KEY');
INSERT INTO k SELECT 1, 'a';
