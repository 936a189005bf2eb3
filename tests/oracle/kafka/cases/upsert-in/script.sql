-- upsert-kafka in: inserts, updates, tombstones (one of a key that is not there); as a changelog, counted.
CREATE TABLE i (k INT, n BIGINT, PRIMARY KEY (k) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'upsert-in.in', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'json', 'value.format' = 'json', 'scan.bounded.mode' = 'latest-offset');
CREATE TABLE changes (k INT, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/changes', 'format' = 'changelog-json');
CREATE TABLE total (c BIGINT, total BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/total', 'format' = 'changelog-json');
INSERT INTO changes SELECT * FROM i;
INSERT INTO total SELECT COUNT(*), SUM(n) FROM i;
