-- The format raw: a record is one value.

-- setup
CREATE TABLE text (line STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'raw');

-- ok
INSERT INTO text VALUES ('47.29 - GET /?p=1 200'), ('48.1 - GET /about 404');
SELECT SPLIT_INDEX(line, ' - ', 0) AS ip, CAST(REGEXP_EXTRACT(line, '([0-9]+)$', 1) AS INT) AS code FROM text;
-- > 47.29 | 200
-- > 48.1 | 404

-- ok
CREATE TABLE latin (line STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'raw', 'raw.charset' = 'UTF-8', 'raw.endianness' = 'big-endian');
INSERT INTO latin VALUES ('ä');
SELECT HEX(line) FROM latin;
-- > C3A4

-- error: one
CREATE TABLE t (a STRING, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'raw');
SELECT * FROM t;

-- refused: 'raw.charset' = 'GBK'
CREATE TABLE t (line STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'raw', 'raw.charset' = 'GBK');
SELECT * FROM t;

-- refused: format 'raw' of INT with connector 'filesystem'
CREATE TABLE t (n INT) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'raw');
SELECT * FROM t;
