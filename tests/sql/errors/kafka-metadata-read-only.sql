CREATE TABLE k (id INT, name STRING, o BIGINT METADATA FROM 'offset') WITH (
    'connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'format' = 'json');
INSERT INTO k SELECT 1, 'a', 5;
