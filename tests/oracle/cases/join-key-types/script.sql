-- Keys of different types meet in a common one: INT and BIGINT, decimals of different scale, CHAR and VARCHAR, and an expression.
SET 'scan.interleave' = 'true';

CREATE TABLE l (id INT, i INT, d DECIMAL(6, 2), c CHAR(3), s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/l.json', 'format' = 'json');
CREATE TABLE r (id INT, i BIGINT, d DECIMAL(12, 4), c STRING, n INT) WITH ('connector' = 'filesystem', 'path' = 'in/r.json', 'format' = 'json');
CREATE TABLE by_int (l INT, r INT) WITH ('connector' = 'filesystem', 'path' = 'out/by_int', 'format' = 'changelog-json');
CREATE TABLE by_dec (l INT, r INT) WITH ('connector' = 'filesystem', 'path' = 'out/by_dec', 'format' = 'changelog-json');
CREATE TABLE by_char (l INT, r INT) WITH ('connector' = 'filesystem', 'path' = 'out/by_char', 'format' = 'changelog-json');
CREATE TABLE by_expr (l INT, r INT) WITH ('connector' = 'filesystem', 'path' = 'out/by_expr', 'format' = 'changelog-json');

INSERT INTO by_int SELECT l.id, r.id FROM l JOIN r ON l.i = r.i;
INSERT INTO by_dec SELECT l.id, r.id FROM l JOIN r ON l.d = r.d;
INSERT INTO by_char SELECT l.id, r.id FROM l JOIN r ON l.c = r.c;
INSERT INTO by_expr SELECT l.id, r.id FROM l JOIN r ON CHAR_LENGTH(l.s) = r.n AND UPPER(l.s) = UPPER(r.c);
