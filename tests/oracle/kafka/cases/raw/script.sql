-- raw in and out: text, bytes, BIGINT in both byte orders.
CREATE TABLE i (line STRING) WITH ('connector' = 'kafka', 'topic' = 'raw.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'raw');
CREATE TABLE o (line STRING) WITH ('connector' = 'kafka', 'topic' = 'raw.text', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'raw');
CREATE TABLE b (x BIGINT) WITH ('connector' = 'kafka', 'topic' = 'raw.big', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'raw');
CREATE TABLE l (x BIGINT) WITH ('connector' = 'kafka', 'topic' = 'raw.little', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'raw', 'raw.endianness' = 'little-endian');
CREATE TABLE b2 (x BIGINT) WITH ('connector' = 'kafka', 'topic' = 'raw.big', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'raw');
CREATE TABLE bo (x BIGINT) WITH ('connector' = 'kafka', 'topic' = 'raw.back', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
CREATE TABLE y (x BYTES) WITH ('connector' = 'kafka', 'topic' = 'raw.in', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'raw');
CREATE TABLE yo (x BYTES) WITH ('connector' = 'kafka', 'topic' = 'raw.bytes', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'raw');
INSERT INTO o SELECT UPPER(line) FROM i;
INSERT INTO b SELECT CAST(CHAR_LENGTH(line) AS BIGINT) * -1 FROM i WHERE line IS NOT NULL;
INSERT INTO l SELECT CAST(CHAR_LENGTH(line) AS BIGINT) FROM i WHERE line IS NOT NULL;
INSERT INTO bo SELECT x FROM b2;
INSERT INTO yo SELECT x FROM y;
