-- The key chooses the partition: 4 partitions, keys in raw text, csv of two columns, and none for NULL. value.fields-include ALL.
CREATE TABLE i (id BIGINT, name STRING) WITH ('connector' = 'kafka', 'topic' = 'key-partition.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (id BIGINT, name STRING) WITH ('connector' = 'kafka', 'topic' = 'key-partition.raw', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'raw', 'key.fields' = 'name', 'value.format' = 'json');
CREATE TABLE c (id BIGINT, name STRING) WITH ('connector' = 'kafka', 'topic' = 'key-partition.csv', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'csv', 'key.fields' = 'name;id', 'value.format' = 'json', 'value.fields-include' = 'ALL');
INSERT INTO o SELECT * FROM i WHERE name IS NOT NULL;
INSERT INTO c SELECT * FROM i;
