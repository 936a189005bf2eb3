CREATE TABLE k (id INT, name STRING) WITH (
    'connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'format' = 'json',
    'sink.delivery-guarante' = 'none');
INSERT INTO k SELECT 1, 'a';
