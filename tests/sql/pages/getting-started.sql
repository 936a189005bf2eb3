-- First steps: the time, functions, a table over a file, filters, aggregates, an INSERT.

-- setup
CREATE TABLE staff (id INT, dept INT) WITH ('connector' = 'filesystem', 'path' = 'staff', 'format' = 'csv');
INSERT INTO staff VALUES (1, 1), (2, 1), (3, 2);

-- ok
SELECT 'Hello World';
-- > Hello World

-- ok
SELECT CURRENT_TIMESTAMP;
-- ~ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}

-- ok
SHOW FUNCTIONS LIKE 'CURRENT_TIMESTAMP';
-- any

-- ok
SELECT * FROM staff WHERE dept = 1;
-- > 1 | 1
-- > 2 | 1

-- ok
SELECT dept, COUNT(*) AS n FROM staff GROUP BY dept;
-- > 1 | 2
-- > 2 | 1

-- ok
CREATE TABLE counts (dept INT, n BIGINT NOT NULL) WITH ('connector' = 'print');
INSERT INTO counts SELECT dept, COUNT(*) AS n FROM staff WHERE dept = 2 GROUP BY dept;
-- names: +I[2, 1]
