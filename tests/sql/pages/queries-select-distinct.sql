-- SELECT DISTINCT.

-- setup
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'values', 'rows' = '{"a":1,"b":"x"}
{"a":1,"b":"x"}
{"a":1,"b":"y"}
{"a":null,"b":null}
{"a":null,"b":null}');

-- ok
SELECT DISTINCT a FROM t;
-- > 1
-- > NULL

-- ok
SELECT DISTINCT a, b FROM t;
-- > 1 | x
-- > 1 | y
-- > NULL | NULL

-- # a row that came before changes nothing
-- changes
SELECT DISTINCT a, b FROM t;
-- > +I | 1 | x
-- > +I | 1 | y
-- > +I | NULL | NULL

-- ok
SELECT DISTINCT b || '!' FROM t WHERE a = 1;
-- > x!
-- > y!

-- ok
SELECT DISTINCT COUNT(*) FROM t GROUP BY b;
-- > 2
-- > 1

-- ok
SELECT DISTINCT * FROM t WHERE b = 'x';
-- > 1 | x
