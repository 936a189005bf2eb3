-- GROUP BY of a topic into upsert-kafka, whose topic is read again.
CREATE TABLE i (k STRING, v INT) WITH ('connector' = 'kafka', 'topic' = 'group-upsert.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (k STRING, n BIGINT, total INT, PRIMARY KEY (k) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'group-upsert.out', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'raw', 'value.format' = 'json', 'scan.bounded.mode' = 'latest-offset');
CREATE TABLE changes (n BIGINT, keys BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/changes', 'format' = 'changelog-json');
INSERT INTO o SELECT k, COUNT(*), SUM(v) FROM i GROUP BY k;
INSERT INTO changes SELECT SUM(n), COUNT(*) FROM o;
