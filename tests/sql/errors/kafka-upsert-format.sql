CREATE TABLE k (id INT, name STRING, PRIMARY KEY (id) NOT ENFORCED) WITH (
    'connector' = 'upsert-kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'format' = 'json');
INSERT INTO k SELECT 1, 'a';
