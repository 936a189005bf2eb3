-- A missing field, with 'json.fail-on-missing-field'.
CREATE TABLE t (id INT, a INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json', 'json.fail-on-missing-field' = 'true');
CREATE TABLE o (id INT, a INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, a FROM t;
