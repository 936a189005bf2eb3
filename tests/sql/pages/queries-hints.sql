-- Hints: options of a table for one query, how joins are done, how long state is kept.

-- setup
CREATE TABLE t1 (id INT, name STRING) WITH ('connector' = 'values', 'rows' = '{"id":1,"name":"a"}');
CREATE TABLE t2 (id INT, name STRING) WITH ('connector' = 'values', 'rows' = '{"id":1,"name":"b"}');
CREATE TABLE t3 (id INT, proc AS PROCTIME()) WITH ('connector' = 'values', 'rows' = '{"id":1}');
CREATE TABLE sink (id INT, name STRING) WITH ('connector' = 'print');

-- ok
SELECT id, name FROM t1 /*+ OPTIONS('rows' = '{"id":2,"name":"z"}') */;
-- > 2 | z

-- ok
SELECT a.name, b.name FROM t1 /*+ OPTIONS('rows' = '{"id":2,"name":"x"}') */ a JOIN t2 /*+ OPTIONS('rows' = '{"id":2,"name":"y"}') */ b ON a.id = b.id;
-- > x | y

-- ok
INSERT INTO sink /*+ OPTIONS('print-identifier' = 'out') */ SELECT * FROM t1;
-- names: out> +I[1, a]

-- error: no-such-option
SELECT id FROM t1 /*+ OPTIONS('no-such-option' = 'x') */;

-- refused: hint BROADCAST
SELECT /*+ BROADCAST(t1) */ t1.id FROM t1 JOIN t2 ON t1.id = t2.id;

-- refused: hint BROADCAST
SELECT /*+ BROADCAST(t1, t3) */ t1.id FROM t1 JOIN t2 ON t1.id = t2.id JOIN t3 ON t1.id = t3.id;

-- refused: hint BROADCAST
SELECT /*+ BROADCAST(t2, t1), BROADCAST(t1, t2) */ t1.id FROM t1 JOIN t2 ON t1.id = t2.id;

-- refused: hint BROADCAST
SELECT /*+ BROADCAST(t1) SHUFFLE_HASH(t1) */ t1.id FROM t1 JOIN t2 ON t1.id = t2.id;

-- refused: hint SHUFFLE_HASH
SELECT /*+ SHUFFLE_HASH(t1) */ t1.id FROM t1 JOIN t2 ON t1.id = t2.id;

-- refused: hint SHUFFLE_MERGE
SELECT /*+ SHUFFLE_MERGE(t1) */ t1.id FROM t1 JOIN t2 ON t1.id = t2.id;

-- refused: hint NEST_LOOP
SELECT /*+ NEST_LOOP(t1) */ t1.id FROM t1 JOIN t2 ON t1.id > t2.id;

-- refused: hint MULTI_JOIN
SELECT /*+ MULTI_JOIN(t1, t2, t3) */ t1.id FROM t1 JOIN t2 ON t1.id = t2.id JOIN t3 ON t1.id = t3.id;

-- refused: hint MULTI_JOIN
SELECT /*+ MULTI_JOIN(t1, t2), STATE_TTL('t1' = '1d', 't2' = '2d') */ t1.id FROM t1 JOIN t2 ON t1.id = t2.id;

-- refused: hint LOOKUP
SELECT /*+ LOOKUP('table' = 'd', 'async' = 'true', 'output-mode' = 'allow_unordered', 'capacity' = '100', 'timeout' = '180s') */ t3.id
FROM t3 JOIN t2 FOR SYSTEM_TIME AS OF t3.proc AS d ON t3.id = d.id;

-- refused: hint LOOKUP
SELECT /*+ LOOKUP('table' = 'd', 'retry-predicate' = 'lookup_miss', 'retry-strategy' = 'fixed_delay', 'fixed-delay' = '10s', 'max-attempts' = '3') */ t3.id
FROM t3 JOIN t2 FOR SYSTEM_TIME AS OF t3.proc AS d ON t3.id = d.id;

-- refused: hint LOOKUP
SELECT /*+ LOOKUP('table' = 'd', 'shuffle' = 'true') */ t3.id FROM t3 JOIN t2 FOR SYSTEM_TIME AS OF t3.proc AS d ON t3.id = d.id;

-- refused: hint STATE_TTL
SELECT /*+ STATE_TTL('t1' = '3d', 't2' = '1d') */ t1.id FROM t1 JOIN t2 ON t1.id = t2.id;

-- refused: hint STATE_TTL
SELECT /*+ STATE_TTL('t1' = '1d') */ id, COUNT(*) FROM t1 GROUP BY id;

-- refused: hint STATE_TTL
SELECT /*+ STATE_TTL('s' = '1d') */ id, COUNT(*) FROM (SELECT id FROM t1 WHERE id = 0) s GROUP BY id;
