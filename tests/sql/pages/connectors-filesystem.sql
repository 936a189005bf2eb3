-- The connector filesystem: files of a folder.

-- setup
CREATE TABLE src (a INT, b STRING) WITH ('connector' = 'values', 'rows' = '{"a":1,"b":"x"}
{"a":2,"b":"y"}');

-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv');
INSERT INTO t SELECT * FROM src;
SELECT * FROM t;
-- > 1 | x
-- > 2 | y

-- # what is written comes to what is there
-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'json');
INSERT INTO t SELECT * FROM src;
INSERT INTO t SELECT * FROM src WHERE a = 1;
SELECT * FROM t;
-- > 1 | x
-- > 1 | x
-- > 2 | y

-- # a file that is read has its name and time
-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv');
INSERT INTO t SELECT * FROM src;
CREATE TABLE r (a INT, b STRING, `file.path` STRING NOT NULL METADATA, `file.name` STRING NOT NULL METADATA, `file.size` BIGINT NOT NULL METADATA,
    `file.modification-time` TIMESTAMP_LTZ(3) NOT NULL METADATA) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv');
SELECT a, `file.path` LIKE '%out/%', CHAR_LENGTH(`file.name`) > 0, `file.size`, `file.modification-time` > TO_TIMESTAMP_LTZ(0, 3) FROM r;
-- > 1 | TRUE | TRUE | 8 | TRUE
-- > 2 | TRUE | TRUE | 8 | TRUE

-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'sink.rolling-policy.file-size' = '1MB',
    'sink.rolling-policy.rollover-interval' = '1 min', 'sink.rolling-policy.check-interval' = '1 min');
INSERT INTO t SELECT * FROM src;
SELECT COUNT(*) FROM t;
-- > 2

-- refused: 'auto-compaction' = 'true'
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'auto-compaction' = 'true', 'compaction.file-size' = '1MB');
INSERT INTO t SELECT * FROM src;

-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'sink.parallelism' = '2');
INSERT INTO t SELECT * FROM src;
SELECT COUNT(*) FROM t;
-- > 2

-- ok
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv');
INSERT INTO t SELECT * FROM src;
CREATE TABLE one_file (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'source.path.regex-pattern' = '.*nothing');
SELECT COUNT(a) FROM one_file WHERE a > 5;

-- refused: PARTITIONED BY
CREATE TABLE t (a INT, d STRING, h STRING) PARTITIONED BY (d, h) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'partition.default-name' = 'none',
    'sink.partition-commit.trigger' = 'partition-time', 'sink.partition-commit.delay' = '1 h', 'sink.partition-commit.policy.kind' = 'success-file',
    'partition.time-extractor.timestamp-pattern' = '$d $h:00:00');
INSERT INTO t SELECT a, b, b FROM src;

-- refused: PARTITIONED BY
CREATE TABLE t (a INT, d STRING) PARTITIONED BY (d) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv');
SELECT a FROM t WHERE d = '2024-01-01';

-- error: path
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'format' = 'csv');
SELECT * FROM t;

-- error: format
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'x');
SELECT * FROM t;

-- refused: s3 paths
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 's3://bucket/x', 'format' = 'csv');
SELECT * FROM t;

-- refused: hdfs paths
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'hdfs://host/x', 'format' = 'csv');
SELECT * FROM t;
