-- upsert-kafka out: a group's updates are upserts, what leaves is a tombstone; value.fields-include ALL and EXCEPT_KEY, a key of two columns.
CREATE TABLE i (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/i.json', 'format' = 'changelog-json');
CREATE TABLE o (k STRING, n BIGINT, total INT, PRIMARY KEY (k) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'upsert-out.all', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'json', 'value.format' = 'json');
CREATE TABLE x (total INT, n BIGINT, k STRING, odd BOOLEAN, PRIMARY KEY (odd, k) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'upsert-out.except', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'csv', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY');
INSERT INTO o SELECT k, COUNT(*), SUM(v) FROM i GROUP BY k;
INSERT INTO x SELECT SUM(v), COUNT(*), k, MOD(v, 2) = 1 FROM i GROUP BY k, MOD(v, 2) = 1;
