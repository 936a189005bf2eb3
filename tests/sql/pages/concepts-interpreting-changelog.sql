-- Interpreting changes: the four kinds, with a key and without.

-- setup
CREATE TABLE keyed (id INT, name STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'values', 'format' = 'changelog-json', 'rows' = '{"op":"+I","data":{"id":5,"name":"old"}}
{"op":"-U","data":{"id":5,"name":"old"}}
{"op":"+U","data":{"id":5,"name":"new"}}
{"op":"+I","data":{"id":6,"name":"x"}}
{"op":"-D","data":{"id":6,"name":"x"}}');
CREATE TABLE rows_only (id INT, name STRING) WITH ('connector' = 'values', 'format' = 'changelog-json', 'rows' = '{"op":"+I","data":{"id":5,"name":"a"}}
{"op":"+I","data":{"id":5,"name":"a"}}
{"op":"-D","data":{"id":5,"name":"a"}}');

-- changes
SELECT id, name FROM keyed;
-- > +I | 5 | old
-- > -U | 5 | old
-- > +U | 5 | new
-- > +I | 6 | x
-- > -D | 6 | x

-- ok
SELECT id, name FROM keyed;
-- > 5 | new

-- ok
SELECT id, name FROM rows_only;
-- > 5 | a

-- ok
SELECT COUNT(*), MAX(name) FROM keyed;
-- > 1 | new

-- changes
SELECT COUNT(*) FROM rows_only;
-- > +I | 1
-- > -U | 1
-- > +U | 2
-- > -U | 2
-- > +U | 1

-- ok
CREATE TABLE sink (id INT, name STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO sink SELECT id, name FROM keyed WHERE id = 5;
-- names: +I[5, old]
-- > -U[5, old]
-- > +U[5, new]
