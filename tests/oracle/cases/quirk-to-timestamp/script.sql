-- Text that does not fit the pattern is tried again as yyyy-m-d h:m:s, days and hours past the end roll over or are cut.
CREATE TABLE t (id INT, s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, a TIMESTAMP(3), b TIMESTAMP(3), c TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, TO_TIMESTAMP(s), TO_TIMESTAMP(s, 'yyyy-MM-dd HH:mm:ss'), TO_TIMESTAMP(s, 'dd.MM.yyyy HH:mm') FROM t;
