-- upsert-kafka with key.fields-prefix, read and written; metadata of the record.
CREATE TABLE i (k_id INT, id STRING, pos BIGINT METADATA FROM 'offset' VIRTUAL, PRIMARY KEY (k_id) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'upsert-prefix.in', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'json', 'value.format' = 'json', 'key.fields-prefix' = 'k_', 'value.fields-include' = 'EXCEPT_KEY',
    'scan.bounded.mode' = 'latest-offset');
CREATE TABLE changes (k_id INT, id STRING, pos BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/changes', 'format' = 'changelog-json');
CREATE TABLE o (k_id INT, id STRING, PRIMARY KEY (k_id) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'upsert-prefix.out', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'json', 'value.format' = 'json', 'key.fields-prefix' = 'k_', 'value.fields-include' = 'EXCEPT_KEY');
INSERT INTO changes SELECT * FROM i;
INSERT INTO o SELECT k_id, id FROM i;
