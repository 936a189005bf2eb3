-- CHAR and VARCHAR: lengths in casts, in comparisons, in literals and in concatenations; a sink does not enforce them.
CREATE TABLE t (id INT, c CHAR(4), v VARCHAR(4), s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, c2 CHAR(2), v2 VARCHAR(2), pad STRING, cs STRING, n INT, eq BOOLEAN, lit BOOLEAN, pick STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, CAST(s AS CHAR(2)), CAST(s AS VARCHAR(2)), '[' || CAST(s AS CHAR(6)) || ']', c || v, CHAR_LENGTH(c), c = v, c = 'ab', CASE WHEN id > 2 THEN 'long text' ELSE 'ab' END FROM t;
