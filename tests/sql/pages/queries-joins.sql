-- Joins: regular, outer, interval, temporal and lookup joins, and the expansion of collections.

-- setup
CREATE TABLE orders (id INT, item INT, amount INT, tags ARRAY<STRING>, ts TIMESTAMP(3), proc AS PROCTIME(), WATERMARK FOR ts AS ts)
WITH ('connector' = 'values', 'rows' = '{"id":1,"item":7,"amount":2,"tags":["x","y"],"ts":"2024-01-01 10:00:00"}
{"id":2,"item":8,"amount":5,"tags":[],"ts":"2024-01-01 11:00:00"}
{"id":3,"item":9,"amount":1,"ts":"2024-01-01 12:00:00"}');
CREATE TABLE items (item INT, name STRING, ts TIMESTAMP(3), PRIMARY KEY (item) NOT ENFORCED, WATERMARK FOR ts AS ts)
WITH ('connector' = 'values', 'rows' = '{"item":7,"name":"pen","ts":"2024-01-01 09:00:00"}
{"item":8,"name":"cup","ts":"2024-01-01 09:00:00"}');

-- ok
SELECT id, name FROM orders INNER JOIN items ON orders.item = items.item;
-- > 1 | pen
-- > 2 | cup

-- ok
SELECT id, name FROM orders JOIN items ON orders.item = items.item;
-- > 1 | pen
-- > 2 | cup

-- ok
SELECT o.id, i.name FROM orders AS o, items AS i WHERE o.item = i.item AND o.amount > 2;
-- > 2 | cup

-- # a condition that is not an equality stands beside one that is
-- ok
SELECT o.id, i.name FROM orders o JOIN items i ON o.item = i.item AND o.amount < 3;
-- > 1 | pen

-- ok
SELECT o.id, p.id, name FROM orders o JOIN orders p ON o.id = p.id JOIN items i ON p.item = i.item;
-- > 1 | 1 | pen
-- > 2 | 2 | cup

-- ok
SELECT id, name FROM orders CROSS JOIN items WHERE id < 3;
-- > 1 | pen
-- > 1 | cup
-- > 2 | pen
-- > 2 | cup

-- ok
SELECT id, name FROM orders JOIN items ON orders.item > items.item;
-- > 2 | pen
-- > 3 | pen
-- > 3 | cup

-- refused: LEFT JOIN
SELECT id, name FROM orders LEFT JOIN items ON orders.item = items.item;

-- refused: RIGHT JOIN
SELECT id, name FROM orders RIGHT JOIN items ON orders.item = items.item;

-- refused: FULL JOIN
SELECT id, name FROM orders FULL OUTER JOIN items ON orders.item = items.item;

-- refused: interval join
SELECT id, name FROM orders o, items i WHERE o.item = i.item AND o.ts BETWEEN i.ts - INTERVAL '4' HOUR AND i.ts;

-- refused: interval join
SELECT id, name FROM orders o JOIN items i ON o.item = i.item AND o.ts = i.ts;

-- refused: interval join
SELECT id, name FROM orders o JOIN items i ON o.item = i.item AND o.ts >= i.ts AND o.ts < i.ts + INTERVAL '10' MINUTE;

-- refused: FOR SYSTEM_TIME AS OF
SELECT id, name FROM orders JOIN items FOR SYSTEM_TIME AS OF orders.ts ON orders.item = items.item;

-- refused: LEFT JOIN
SELECT id, name FROM orders LEFT JOIN items FOR SYSTEM_TIME AS OF orders.ts ON orders.item = items.item;

-- refused: FOR SYSTEM_TIME AS OF
SELECT o.id, i.name FROM orders AS o JOIN items FOR SYSTEM_TIME AS OF o.proc AS i ON o.item = i.item;

-- error: unknown function 'prices'
SELECT id, price FROM orders, LATERAL TABLE(prices(ts)) WHERE item = number;

-- error: unknown function 'prices'
SELECT id, price FROM orders, LATERAL prices(ts) WHERE item = number;

-- error: unknown function 'parts'
SELECT id, part FROM orders, LATERAL parts(id) AS p (part);

-- error: unknown function 'parts'
SELECT id, part FROM orders LEFT OUTER JOIN LATERAL parts(id) AS p (part) ON TRUE;

-- ok
SELECT * FROM (VALUES ('n')), UNNEST(ARRAY['x', 'y']);
-- > n | x
-- > n | y

-- ok
SELECT id, tag FROM orders CROSS JOIN UNNEST(tags) AS t (tag);
-- > 1 | x
-- > 1 | y

-- ok
SELECT id, tag FROM orders LEFT JOIN UNNEST(tags) AS t (tag) ON TRUE;
-- > 1 | x
-- > 1 | y
-- > 2 | NULL
-- > 3 | NULL

-- ok
SELECT id, tag, pos FROM orders CROSS JOIN UNNEST(tags) WITH ORDINALITY AS t (tag, pos);
-- > 1 | x | 1
-- > 1 | y | 2

-- ok
SELECT * FROM (VALUES ('m'), ('n')) CROSS JOIN UNNEST(ARRAY[5, 6]) WITH ORDINALITY AS t (v, pos);
-- > m | 5 | 1
-- > m | 6 | 2
-- > n | 5 | 1
-- > n | 6 | 2

-- ok
SELECT * FROM (VALUES ('m')) CROSS JOIN UNNEST(MAP['x', 2]) AS t (k, v);
-- > m | x | 2

-- ok
SELECT * FROM (VALUES ('m')) CROSS JOIN UNNEST(MAP['x', 2]) WITH ORDINALITY AS t (k, v, pos);
-- > m | x | 2 | 1

-- ok
SELECT s FROM (SELECT COLLECT(s) AS c FROM (VALUES ('x'), ('y'), ('x')) AS v (s)) CROSS JOIN UNNEST(c) AS t (s);
-- > x
-- > x
-- > y

-- ok
WITH bag AS (SELECT COLLECT(s) AS c FROM (VALUES ('x'), ('x')) AS v (s))
SELECT id, s, pos FROM (VALUES ('m')) AS v (id), bag CROSS JOIN UNNEST(c) WITH ORDINALITY AS u (s, pos);
-- > m | x | 1
-- > m | x | 2
