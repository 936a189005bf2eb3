-- SELECT and WHERE: columns, expressions and conditions.

-- setup
CREATE TABLE sales (id INT, price DECIMAL(6, 2), tax DECIMAL(6, 2)) WITH ('connector' = 'values', 'rows' = '{"id":1,"price":2.5,"tax":0.25}
{"id":2,"price":10,"tax":1}
{"id":3,"price":4}');

-- ok
SELECT * FROM sales;
-- names: id | price | tax
-- > 1 | 2.50 | 0.25
-- > 2 | 10.00 | 1.00
-- > 3 | 4.00 | NULL

-- ok
SELECT id, price + tax FROM sales;
-- > 1 | 2.75
-- > 2 | 11.00
-- > 3 | NULL

-- ok
SELECT k, v FROM (VALUES (1, 2.5), (2, 3.5)) AS t (k, v);
-- > 1 | 2.5
-- > 2 | 3.5

-- ok
SELECT price FROM sales WHERE id = 2;
-- > 10.00

-- ok
SELECT id FROM sales WHERE tax IS NULL OR price > 5;
-- > 2
-- > 3

-- # a condition that is UNKNOWN takes no row
-- ok
SELECT id FROM sales WHERE tax > 0.5;
-- > 2

-- ok
CREATE VIEW dear AS SELECT id, price FROM sales WHERE price > 3;
SELECT id FROM dear WHERE price < 5;
-- > 3

-- error: unknown function 'TWICE'
SELECT TWICE(id) FROM sales;

-- error: column "cost" not found
SELECT cost FROM sales;
