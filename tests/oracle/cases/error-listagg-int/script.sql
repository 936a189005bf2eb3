-- LISTAGG takes text only.
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE r (l STRING) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');

INSERT INTO r SELECT LISTAGG(v) FROM t;
