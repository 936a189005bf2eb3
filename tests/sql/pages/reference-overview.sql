-- Statements that there are, names of types, words that are reserved.

-- # a reserved word is a name between backquotes
-- ok
CREATE TABLE t (`value` INT, `select` STRING, `timestamp` INT) WITH ('connector' = 'values', 'rows' = '{"value":1,"select":"x","timestamp":2}');
SELECT `value`, `select`, t.`timestamp` FROM t;
-- names: value | select | timestamp
-- > 1 | x | 2

-- error: keyword
CREATE TABLE t (value INT) WITH ('connector' = 'datagen');

-- error: keyword
SELECT 1 AS select;

-- error: keyword
SELECT 1 AS `a`, 2 AS timestamp;

-- # words of the list that its parser takes as names all the same
-- ok
SELECT 1 AS name, 2 AS type, 3 AS data, 4 AS a, 5 AS source, 6 AS state, 7 AS version;
-- names: name | type | data | a | source | state | version
-- > 1 | 2 | 3 | 4 | 5 | 6 | 7

-- error: expected
SELEKT 1;

-- # empty statements do nothing
-- ok
;;
SELECT 1;
-- > 1
