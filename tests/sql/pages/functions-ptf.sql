-- Process table functions.

-- setup
CREATE VIEW names (name) AS VALUES ('Bob'), ('Alice');
CREATE TABLE t (name STRING, score INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"name":"a","score":1}');

-- refused: table function
SELECT * FROM greet(TABLE names);

-- refused: table function
SELECT * FROM greet(TABLE names PARTITION BY name);

-- refused: table function
SELECT * FROM follow(input => TABLE t PARTITION BY name, on_time => DESCRIPTOR(ts));

-- refused: table function
SELECT * FROM sieve(TABLE t, 100, DEFAULT, 'my-ptf');

-- refused: table function
SELECT * FROM sieve(input => TABLE t, threshold => 100, uid => 'my-ptf');

-- refused: table function
WITH one_f AS (SELECT * FROM f1(input => TABLE t PARTITION BY name, on_time => DESCRIPTOR(ts))),
     two_f AS (SELECT * FROM f2(input => TABLE one_f PARTITION BY name, on_time => DESCRIPTOR(rowtime)))
SELECT * FROM two_f;

-- refused: table function
SELECT * FROM both_of(l => TABLE t PARTITION BY name, r => TABLE names PARTITION BY name);
