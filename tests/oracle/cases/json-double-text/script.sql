-- How doubles and floats are written: in JSON and as strings.
CREATE TABLE t (id INT, s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, d DOUBLE, f FLOAT, ds STRING, fs STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, CAST(s AS DOUBLE), CAST(s AS FLOAT), CAST(CAST(s AS DOUBLE) AS STRING), CAST(CAST(s AS FLOAT) AS STRING) FROM t;
