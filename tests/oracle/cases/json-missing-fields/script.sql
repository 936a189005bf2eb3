-- Missing fields and nulls are NULL, unknown fields are skipped, the order of fields does not matter, the last of two equal names wins.
CREATE TABLE t (a INT, b STRING, c DOUBLE, d BOOLEAN, e DATE) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (a INT, b STRING, c DOUBLE, d BOOLEAN, e DATE) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT * FROM t;
