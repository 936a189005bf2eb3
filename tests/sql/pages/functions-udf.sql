-- Functions of one's own: to declare them, to call them.

-- setup
CREATE TABLE t (id INT, s STRING) WITH ('connector' = 'values', 'rows' = '{"id":1,"s":"a b"}');

-- refused: CREATE FUNCTION
CREATE TEMPORARY SYSTEM FUNCTION f AS 'com.example.F' LANGUAGE JAVA;

-- refused: CREATE FUNCTION
CREATE FUNCTION db.f AS 'module.f' LANGUAGE PYTHON;

-- error: unknown function 'F'
SELECT F(id) FROM t;

-- refused: named arguments of a function
SELECT F(a => id, b => 1) FROM t;

-- error: database "DB" not found
SELECT DB.F(id) FROM t;

-- error: unknown function 'SPLIT_WORDS'
SELECT id, word, length FROM t, LATERAL TABLE(SPLIT_WORDS(s)) AS w (word, length);

-- error: unknown function 'SPLIT_WORDS'
SELECT id, word FROM t LEFT JOIN LATERAL TABLE(SPLIT_WORDS(s)) AS w (word, length) ON TRUE;

-- error: unknown function 'SPLIT_WORDS'
SELECT * FROM TABLE(SPLIT_WORDS('a b'));

-- error: unknown
SELECT s, WEIGHTED(id, id) FROM t GROUP BY s;
