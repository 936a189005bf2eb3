-- upsert-kafka in: the value disagrees with the key, a value without the key's column, an empty value.
CREATE TABLE i (k INT, n BIGINT, PRIMARY KEY (k) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'upsert-odd.in', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'json', 'value.format' = 'json', 'value.json.ignore-parse-errors' = 'true', 'scan.bounded.mode' = 'latest-offset');
CREATE TABLE changes (k INT, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/changes', 'format' = 'changelog-json');
INSERT INTO changes SELECT * FROM i;
