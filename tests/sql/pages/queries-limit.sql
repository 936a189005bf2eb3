-- LIMIT.

-- setup
CREATE TABLE t (id INT) WITH ('connector' = 'values', 'rows' = '{"id":3}
{"id":1}
{"id":2}');

-- ok
SELECT id FROM t ORDER BY id LIMIT 2;
-- > 1
-- > 2

-- ok
SELECT COUNT(*) FROM (SELECT id FROM t LIMIT 2);
-- > 2

-- ok
SELECT id FROM t LIMIT 0;

-- ok
SELECT id FROM t ORDER BY id DESC LIMIT 5;
-- > 3
-- > 2
-- > 1

-- batch
SELECT id FROM t ORDER BY id LIMIT 1 OFFSET 1;
-- > 2

-- # a query over rows without end ends with its last row
-- ok
CREATE TABLE endless (id INT) WITH ('connector' = 'datagen', 'rows-per-second' = '100');
SELECT id IS NULL FROM endless LIMIT 3;
-- > FALSE
-- > FALSE
-- > FALSE

-- error: LIMIT
SELECT id FROM t LIMIT -1;
