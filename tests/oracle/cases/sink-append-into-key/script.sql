-- Inserts with repeated keys into a table with a key.
SET 'table.exec.sink.require-on-conflict' = 'false';

CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE latest (k STRING, v INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/latest', 'format' = 'changelog-json');

INSERT INTO latest SELECT k, v FROM t WHERE k <> 'skip';
