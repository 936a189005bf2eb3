-- The best two of each group into upsert-kafka: what falls out is a tombstone.
CREATE TABLE i (k STRING, id BIGINT, v INT) WITH ('connector' = 'kafka', 'topic' = 'rank-upsert.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o (k STRING, id BIGINT, v INT, PRIMARY KEY (k, id) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'rank-upsert.out', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'json', 'value.format' = 'json');
INSERT INTO o SELECT k, id, v FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v DESC) AS n FROM i) WHERE n <= 2;
