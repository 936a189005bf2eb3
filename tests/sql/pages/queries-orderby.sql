-- ORDER BY.

-- setup
CREATE TABLE t (id INT, k STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'values', 'rows' = '{"id":2,"k":"b","ts":"2024-01-01 10:00:02"}
{"id":1,"k":"a","ts":"2024-01-01 10:00:01"}
{"id":3,"k":"a","ts":"2024-01-01 10:00:03"}
{"id":4,"ts":"2024-01-01 10:00:03"}');

-- ok
SELECT id FROM t ORDER BY ts, id;
-- > 1
-- > 2
-- > 3
-- > 4

-- ok
SELECT id FROM t ORDER BY ts ASC, id DESC;
-- > 1
-- > 2
-- > 4
-- > 3

-- # NULL is the smallest
-- ok
SELECT k, id FROM t ORDER BY k DESC, id;
-- > b | 2
-- > a | 1
-- > a | 3
-- > NULL | 4

-- ok
SELECT id FROM t ORDER BY k NULLS LAST, id;
-- > 1
-- > 3
-- > 2
-- > 4

-- ok
SELECT id FROM t ORDER BY k DESC NULLS FIRST, id DESC;
-- > 4
-- > 2
-- > 3
-- > 1

-- ok
SELECT id AS x FROM t ORDER BY x DESC;
-- > 4
-- > 3
-- > 2
-- > 1

-- ok
SELECT id FROM t ORDER BY 1;
-- > 1
-- > 2
-- > 3
-- > 4

-- ok
SELECT id FROM t ORDER BY MOD(id, 2), id;
-- > 2
-- > 4
-- > 1
-- > 3

-- ok
SELECT k, COUNT(*) AS n FROM t WHERE k IS NOT NULL GROUP BY k ORDER BY n DESC;
-- > a | 2
-- > b | 1

-- batch
SELECT id FROM t ORDER BY k NULLS FIRST, id;
-- > 4
-- > 1
-- > 3
-- > 2

-- refused: ORDER BY over input that does not end
CREATE TABLE endless (id INT, ts TIMESTAMP(3)) WITH ('connector' = 'datagen');
SELECT id FROM endless ORDER BY id;

-- # in event time
-- refused: ORDER BY over input that does not end
CREATE TABLE endless (id INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen');
SELECT id FROM endless ORDER BY ts;
