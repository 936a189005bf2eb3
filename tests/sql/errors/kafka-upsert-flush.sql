CREATE TABLE k (id INT, name STRING, PRIMARY KEY (id) NOT ENFORCED) WITH (
    'connector' = 'upsert-kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'key.format' = 'json',
    'value.format' = 'json',
    'sink.buffer-flush.max-rows' = '100');
INSERT INTO k SELECT 1, 'a';
