-- key.format json with key.fields, a prefix, value.fields-include EXCEPT_KEY; reading and writing.
CREATE TABLE i (key_id BIGINT, key_part STRING, id STRING, n INT)
  WITH ('connector' = 'kafka', 'topic' = 'key-fields.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'key.format' = 'json', 'key.fields' = 'key_id;key_part', 'key.fields-prefix' = 'key_', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY', 'key.json.ignore-parse-errors' = 'true');
CREATE TABLE o (k_part STRING, k_id BIGINT, id STRING, n INT)
  WITH ('connector' = 'kafka', 'topic' = 'key-fields.out', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'json', 'key.fields' = 'k_id;k_part', 'key.fields-prefix' = 'k_', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY');
INSERT INTO o SELECT key_part, key_id, id, n + 1 FROM i;
