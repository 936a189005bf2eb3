-- Formats that are not there.

-- error: unknown format 'avro'
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'avro', 'avro.codec' = 'snappy');
SELECT * FROM t;

-- error: unknown format 'avro-confluent'
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'avro-confluent');
SELECT * FROM t;

-- error: unknown format 'debezium-json'
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'debezium-json');
SELECT * FROM t;

-- error: unknown format 'canal-json'
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'canal-json');
SELECT * FROM t;

-- error: unknown format 'maxwell-json'
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'maxwell-json');
SELECT * FROM t;

-- error: unknown format 'ogg-json'
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'ogg-json');
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
