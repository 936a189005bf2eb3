-- UNION, INTERSECT, EXCEPT, IN and EXISTS.

-- setup
CREATE VIEW l (s) AS VALUES ('a'), ('b'), ('b'), ('c');
CREATE VIEW r (s) AS VALUES ('b'), ('c'), ('d');

-- ok
(SELECT s FROM l) UNION (SELECT s FROM r);
-- > a
-- > b
-- > c
-- > d

-- ok
(SELECT s FROM l) UNION ALL (SELECT s FROM r);
-- > a
-- > b
-- > b
-- > c
-- > b
-- > c
-- > d

-- ok
SELECT s FROM l UNION DISTINCT SELECT s FROM r;
-- > a
-- > b
-- > c
-- > d

-- ok
SELECT 1 UNION ALL SELECT 2.5;
-- > 1.0
-- > 2.5

-- error: columns
SELECT 1, 2 UNION ALL SELECT 3;

-- refused: INTERSECT
(SELECT s FROM l) INTERSECT (SELECT s FROM r);

-- refused: INTERSECT
(SELECT s FROM l) INTERSECT ALL (SELECT s FROM r);

-- refused: EXCEPT
(SELECT s FROM l) EXCEPT (SELECT s FROM r);

-- refused: EXCEPT
(SELECT s FROM l) EXCEPT ALL (SELECT s FROM r);

-- refused: IN with a subquery
SELECT s FROM l WHERE s IN (SELECT s FROM r);

-- refused: IN with a subquery
SELECT s FROM l WHERE s NOT IN (SELECT s FROM r);

-- refused: EXISTS
SELECT s FROM l WHERE EXISTS (SELECT s FROM r WHERE r.s = l.s);

-- refused: EXISTS
SELECT s FROM l WHERE NOT EXISTS (SELECT s FROM r WHERE r.s = l.s);
