-- CSV with quotes, separators within quotes, doubled quotes, blanks, empty fields and too few of them.
CREATE TABLE t (id INT, a STRING, b STRING, n INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.csv', 'format' = 'csv');
CREATE TABLE o (id INT, a STRING, b STRING, n INT, la INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, a, b, n, CHAR_LENGTH(a) FROM t;
