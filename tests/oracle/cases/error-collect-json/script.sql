-- A MULTISET of numbers cannot be written as JSON.
CREATE TABLE t (id INT, k STRING, s STRING, i INT, d DOUBLE, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE j (n MULTISET<INT>) WITH ('connector' = 'filesystem', 'path' = 'out/j', 'format' = 'changelog-json');

INSERT INTO j SELECT COLLECT(i) FROM t;
