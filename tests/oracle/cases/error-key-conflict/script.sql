-- A sink whose key is not the key of the query, without saying what to do then: refused since 2.3.
SET 'table.exec.sink.require-on-conflict' = 'true';
CREATE TABLE t (id INT, a INT, d DECIMAL(6, 2), s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (s STRING, id INT, PRIMARY KEY (s) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT s, id FROM t;
