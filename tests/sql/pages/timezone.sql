-- Time zone: TIMESTAMP and TIMESTAMP_LTZ, the session's zone, windows in it.

-- setup
CREATE VIEW w AS SELECT TO_TIMESTAMP_LTZ(4001, 3) AS ltz, TIMESTAMP '1970-01-01 00:00:01.001' AS ntz;
CREATE VIEW x AS SELECT ltz, CAST(ltz AS TIMESTAMP(3)), CAST(ltz AS STRING), ntz, CAST(ntz AS TIMESTAMP_LTZ(3)) FROM w;
CREATE TABLE plain (item STRING, price DOUBLE, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND)
WITH ('connector' = 'values', 'rows' = '{"item":"A","price":1.1,"ts":"2021-04-15 14:01:00"}
{"item":"B","price":1.2,"ts":"2021-04-15 14:02:00"}
{"item":"A","price":1.8,"ts":"2021-04-15 14:03:00"}
{"item":"B","price":2.5,"ts":"2021-04-15 14:14:00"}');
CREATE TABLE epoch (item STRING, price DOUBLE, ts BIGINT, ltz AS TO_TIMESTAMP_LTZ(ts, 3), WATERMARK FOR ltz AS ltz - INTERVAL '10' SECOND)
WITH ('connector' = 'values', 'rows' = '{"item":"A","price":1.1,"ts":1618495260000}
{"item":"B","price":1.2,"ts":1618495320000}
{"item":"A","price":1.8,"ts":1618495380000}
{"item":"B","price":2.5,"ts":1618496040000}');

-- ok
SELECT TIMESTAMP '1970-01-01 00:00:04.001';
-- > 1970-01-01 00:00:04.001

-- ok
SET 'table.local-time-zone' = 'UTC';
SELECT * FROM w;
-- > 1970-01-01 00:00:04.001 | 1970-01-01 00:00:01.001

-- ok
SET 'table.local-time-zone' = 'Asia/Shanghai';
SELECT * FROM w;
-- > 1970-01-01 08:00:04.001 | 1970-01-01 00:00:01.001

-- ok
SET 'table.local-time-zone' = 'America/Los_Angeles';
SELECT ltz FROM w;
-- > 1969-12-31 16:00:04.001

-- ok
SET 'table.local-time-zone' = 'Asia/Shanghai';
SELECT * FROM x;
-- > 1970-01-01 08:00:04.001 | 1970-01-01 08:00:04.001 | 1970-01-01 08:00:04.001 | 1970-01-01 00:00:01.001 | 1970-01-01 00:00:01.001

-- ok
DESC w;
-- > ltz | TIMESTAMP_LTZ(3) | TRUE | NULL | NULL | NULL
-- > ntz | TIMESTAMP(3) | FALSE | NULL | NULL | NULL

-- ok
DESC x;
-- > ltz | TIMESTAMP_LTZ(3) | TRUE | NULL | NULL | NULL
-- > EXPR$1 | TIMESTAMP(3) | TRUE | NULL | NULL | NULL
-- > EXPR$2 | STRING | TRUE | NULL | NULL | NULL
-- > ntz | TIMESTAMP(3) | FALSE | NULL | NULL | NULL
-- > EXPR$4 | TIMESTAMP_LTZ(3) | FALSE | NULL | NULL | NULL

-- known: DESCRIBE of a view does not say PROCTIME
-- ok
CREATE VIEW n AS SELECT LOCALTIME, LOCALTIMESTAMP, CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP, CURRENT_ROW_TIMESTAMP(), NOW(), PROCTIME();
DESC n;
-- > LOCALTIME | TIME(0) | FALSE | NULL | NULL | NULL
-- > LOCALTIMESTAMP | TIMESTAMP(3) | FALSE | NULL | NULL | NULL
-- > CURRENT_DATE | DATE | FALSE | NULL | NULL | NULL
-- > CURRENT_TIME | TIME(0) | FALSE | NULL | NULL | NULL
-- > CURRENT_TIMESTAMP | TIMESTAMP_LTZ(3) | FALSE | NULL | NULL | NULL
-- > EXPR$5 | TIMESTAMP_LTZ(3) | FALSE | NULL | NULL | NULL
-- > EXPR$6 | TIMESTAMP_LTZ(3) | FALSE | NULL | NULL | NULL
-- > EXPR$7 | TIMESTAMP_LTZ(3) *PROCTIME* | FALSE | NULL | NULL | NULL

-- ok
SELECT LOCALTIME, LOCALTIMESTAMP, CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP, CURRENT_ROW_TIMESTAMP(), NOW(), PROCTIME();
-- ~ \d\d:\d\d:\d\d \| \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \| \d{4}-\d\d-\d\d \| \d\d:\d\d:\d\d( \| \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}){4}

-- # eight hours between the zones
-- ok
SET 'table.local-time-zone' = 'Asia/Shanghai';
SELECT TIMESTAMPDIFF(SECOND, CAST(CURRENT_TIMESTAMP AS TIMESTAMP(3)), LOCALTIMESTAMP) < 2, TIMESTAMPDIFF(HOUR, TO_TIMESTAMP('1970-01-01 00:00:00'), CAST(TO_TIMESTAMP_LTZ(0, 3) AS TIMESTAMP(3)));
-- > TRUE | 8

-- # a window of TIMESTAMP is the same in every zone
-- ok
SET 'table.local-time-zone' = 'Asia/Shanghai';
SELECT window_start, window_end, window_time, item, MAX(price) FROM TUMBLE(TABLE plain, DESCRIPTOR(ts), INTERVAL '10' MINUTES)
GROUP BY window_start, window_end, window_time, item;
-- > 2021-04-15 14:00:00.000 | 2021-04-15 14:10:00.000 | 2021-04-15 14:09:59.999 | A | 1.8
-- > 2021-04-15 14:00:00.000 | 2021-04-15 14:10:00.000 | 2021-04-15 14:09:59.999 | B | 1.2
-- > 2021-04-15 14:10:00.000 | 2021-04-15 14:20:00.000 | 2021-04-15 14:19:59.999 | B | 2.5

-- ok
SELECT window_start, window_time, item, MAX(price) FROM TUMBLE(TABLE epoch, DESCRIPTOR(ltz), INTERVAL '10' MINUTES)
GROUP BY window_start, window_end, window_time, item;
-- > 2021-04-15 14:00:00.000 | 2021-04-15 14:09:59.999 | A | 1.8
-- > 2021-04-15 14:00:00.000 | 2021-04-15 14:09:59.999 | B | 1.2
-- > 2021-04-15 14:10:00.000 | 2021-04-15 14:19:59.999 | B | 2.5

-- ok
SET 'table.local-time-zone' = 'Asia/Shanghai';
SELECT window_start, window_time, item, MAX(price) FROM TUMBLE(TABLE epoch, DESCRIPTOR(ltz), INTERVAL '10' MINUTES)
GROUP BY window_start, window_end, window_time, item;
-- > 2021-04-15 22:00:00.000 | 2021-04-15 22:09:59.999 | A | 1.8
-- > 2021-04-15 22:00:00.000 | 2021-04-15 22:09:59.999 | B | 1.2
-- > 2021-04-15 22:10:00.000 | 2021-04-15 22:19:59.999 | B | 2.5

-- # an hour is missing on 2021-03-14 in Los Angeles: 08:00, 09:00, 10:00 and 11:00 UTC are 00:00, 01:00, 03:00 and 04:00
-- ok
SET 'table.local-time-zone' = 'America/Los_Angeles';
CREATE TABLE hours (ts BIGINT, ltz AS TO_TIMESTAMP_LTZ(ts, 3), WATERMARK FOR ltz AS ltz) WITH ('connector' = 'values', 'rows' = '{"ts":1615708800000}
{"ts":1615712400000}
{"ts":1615716000000}
{"ts":1615719600000}');
SELECT window_start, window_end, COUNT(*) FROM TUMBLE(TABLE hours, DESCRIPTOR(ltz), INTERVAL '4' HOUR) GROUP BY window_start, window_end;
-- > 2021-03-14 00:00:00.000 | 2021-03-14 04:00:00.000 | 3
-- > 2021-03-14 04:00:00.000 | 2021-03-14 08:00:00.000 | 1

-- refused: group window function TUMBLE
SELECT TUMBLE_START(ts, INTERVAL '10' MINUTES), TUMBLE_END(ts, INTERVAL '10' MINUTES), TUMBLE_ROWTIME(ts, INTERVAL '10' MINUTES), item, MAX(price)
FROM plain GROUP BY TUMBLE(ts, INTERVAL '10' MINUTES), item;

-- refused: group window function TUMBLE
CREATE TABLE now (item STRING, proc AS PROCTIME()) WITH ('connector' = 'datagen');
SELECT TUMBLE_START(proc, INTERVAL '10' MINUTES), TUMBLE_PROCTIME(proc, INTERVAL '10' MINUTES) FROM now GROUP BY TUMBLE(proc, INTERVAL '10' MINUTES);

-- # in batch mode the time is that of the start, the same for all rows
-- batch
SELECT COUNT(DISTINCT n) FROM (SELECT NOW() AS n FROM (VALUES (1), (2), (3)));
-- > 1
