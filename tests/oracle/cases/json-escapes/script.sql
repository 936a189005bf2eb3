-- Escapes and code points of every length, in and out, and their lengths.
CREATE TABLE t (id INT, s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, s STRING, n INT, up STRING, first_two STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, s, CHAR_LENGTH(s), UPPER(s), SUBSTRING(s FROM 1 FOR 2) FROM t;
