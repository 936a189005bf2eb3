-- One source, two statements in a STATEMENT SET, three topics.
CREATE TABLE i (id BIGINT, k STRING) WITH ('connector' = 'kafka', 'topic' = 'statement-set.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE o1 (id BIGINT) WITH ('connector' = 'kafka', 'topic' = 'statement-set.even', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
CREATE TABLE o2 (id BIGINT, k STRING) WITH ('connector' = 'kafka', 'topic' = 'statement-set.odd', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
CREATE TABLE o3 (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'statement-set.count', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'raw', 'value.format' = 'json');
EXECUTE STATEMENT SET BEGIN
  INSERT INTO o1 SELECT id FROM i WHERE MOD(id, 2) = 0;
  INSERT INTO o2 SELECT id, k FROM i WHERE MOD(id, 2) = 1;
  INSERT INTO o3 SELECT k, COUNT(*) FROM i GROUP BY k;
END;
