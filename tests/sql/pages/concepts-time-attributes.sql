-- Time attributes: event time by WATERMARK, processing time by PROCTIME(), options of watermarks.

-- setup
CREATE TABLE acts (who STRING, data STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'values', 'rows' = '{"who":"a","data":"x","ts":"2024-01-01 10:01:00"}
{"who":"a","data":"y","ts":"2024-01-01 10:02:00"}
{"who":"b","data":"z","ts":"2024-01-01 10:12:00"}');

-- ok
SELECT window_start, COUNT(DISTINCT who) FROM TUMBLE(TABLE acts, DESCRIPTOR(ts), INTERVAL '10' MINUTE) GROUP BY window_start, window_end;
-- > 2024-01-01 10:00:00.000 | 1
-- > 2024-01-01 10:10:00.000 | 1

-- refused: group window function TUMBLE
SELECT TUMBLE_START(ts, INTERVAL '10' MINUTE), COUNT(DISTINCT who) FROM acts GROUP BY TUMBLE(ts, INTERVAL '10' MINUTE);

-- ok
CREATE TABLE t (who STRING, ts BIGINT, ltz AS TO_TIMESTAMP_LTZ(ts, 3), WATERMARK FOR ltz AS ltz - INTERVAL '5' SECOND)
WITH ('connector' = 'values', 'rows' = '{"who":"a","ts":1618989564564}');
SELECT window_start, COUNT(DISTINCT who) FROM TUMBLE(TABLE t, DESCRIPTOR(ltz), INTERVAL '10' MINUTE) GROUP BY window_start, window_end;
-- > 2021-04-21 07:10:00.000 | 1

-- # a time attribute that a view hands on is one
-- ok
CREATE VIEW v AS SELECT who, ts AS at_time FROM acts WHERE who = 'a';
SELECT COUNT(*) FROM TUMBLE(TABLE v, DESCRIPTOR(at_time), INTERVAL '10' MINUTE) GROUP BY window_start, window_end;
-- > 2

-- # one that was calculated with is a plain timestamp
-- error: time attribute
CREATE VIEW v AS SELECT who, ts + INTERVAL '1' SECOND AS later FROM acts;
SELECT COUNT(*) FROM TUMBLE(TABLE v, DESCRIPTOR(later), INTERVAL '10' MINUTE) GROUP BY window_start, window_end;

-- error: time attribute
CREATE TABLE t (ts TIMESTAMP(3)) WITH ('connector' = 'datagen');
SELECT COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' MINUTE) GROUP BY window_start, window_end;

-- ok
SELECT COUNT(*) FROM acts /*+ OPTIONS('scan.watermark.emit.strategy' = 'on-periodic') */;
-- > 3

-- ok
CREATE TABLE t (who STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
WITH ('connector' = 'datagen', 'number-of-rows' = '1', 'scan.watermark.emit.strategy' = 'on-event', 'scan.watermark.idle-timeout' = '1min');
SELECT COUNT(*) FROM t;
-- > 1

-- ok
CREATE TABLE t (who STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen', 'number-of-rows' = '1',
    'scan.watermark.alignment.group' = 'g', 'scan.watermark.alignment.max-drift' = '1min', 'scan.watermark.alignment.update-interval' = '1s');
SELECT COUNT(*) FROM t;
-- > 1

-- ok
SET 'table.exec.source.idle-timeout' = '1 min';
SET 'pipeline.auto-watermark-interval' = '100 ms';
SELECT COUNT(*) FROM acts;
-- > 3

-- # a time that is NULL
-- error: NULL
CREATE TABLE t (ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"ts":null}');
SELECT COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' MINUTE) GROUP BY window_start, window_end;

-- ok
CREATE TABLE t (who STRING, p AS PROCTIME()) WITH ('connector' = 'values', 'rows' = '{"who":"a"}');
SELECT who, p IS NULL, p > TO_TIMESTAMP_LTZ(0, 3) FROM t;
-- > a | FALSE | TRUE

-- refused: window over processing time
CREATE TABLE t (who STRING, p AS PROCTIME()) WITH ('connector' = 'values', 'rows' = '{"who":"a"}');
SELECT window_start, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(p), INTERVAL '10' MINUTE) GROUP BY window_start, window_end;
