-- The sink's key is not the key of the query: several rows of the query may claim it, and each comes back when the later ones go.
SET 'table.exec.sink.require-on-conflict' = 'false';

CREATE TABLE t (id INT, name STRING, v INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE names (name STRING, id INT, v INT, PRIMARY KEY (name) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/names', 'format' = 'changelog-json');

INSERT INTO names SELECT name, id, v FROM t;
