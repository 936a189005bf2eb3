-- Formats that are not there, or not in files.

-- error: not supported: format 'avro' with connector 'filesystem'; it is one of messages
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'avro', 'avro.codec' = 'snappy');
SELECT * FROM t;

-- error: not supported: format 'avro-confluent' with connector 'filesystem'; it is one of messages
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'avro-confluent');
SELECT * FROM t;

-- error: unknown format 'parquet'
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'parquet', 'parquet.compression' = 'SNAPPY');
SELECT * FROM t;

-- error: unknown format 'orc'
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'orc');
SELECT * FROM t;

-- error: unknown format 'protobuf'
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'protobuf', 'protobuf.message-class-name' = 'M');
SELECT * FROM t;

-- error: not supported: format 'debezium-avro-confluent' with connector 'filesystem'
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'debezium-avro-confluent');
SELECT * FROM t;
