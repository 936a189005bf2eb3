-- avro-confluent out, with the schema in a registry, and in again; key and value.
CREATE TABLE i (k STRING, id BIGINT, name STRING) WITH ('connector' = 'kafka', 'topic' = 'avro-confluent.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json');
CREATE TABLE a (k STRING, id BIGINT, name STRING)
  WITH ('connector' = 'kafka', 'topic' = 'avro-confluent.avro', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'avro-confluent', 'key.fields' = 'k', 'key.avro-confluent.url' = 'http://localhost:8081', 'value.format' = 'avro-confluent', 'value.avro-confluent.url' = 'http://localhost:8081', 'value.fields-include' = 'EXCEPT_KEY');
CREATE TABLE a2 (k STRING, id BIGINT, name STRING)
  WITH ('connector' = 'kafka', 'topic' = 'avro-confluent.avro', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'key.format' = 'avro-confluent', 'key.fields' = 'k', 'key.avro-confluent.url' = 'http://localhost:8081', 'value.format' = 'avro-confluent', 'value.avro-confluent.url' = 'http://localhost:8081', 'value.fields-include' = 'EXCEPT_KEY');
CREATE TABLE o (k STRING, id BIGINT, name STRING) WITH ('connector' = 'kafka', 'topic' = 'avro-confluent.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO a SELECT * FROM i;
INSERT INTO o SELECT * FROM a2;
