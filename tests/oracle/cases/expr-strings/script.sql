-- String functions with positions out of range, negative, NULL, and characters beyond the basic plane.
CREATE TABLE t (id INT, s STRING, p STRING, n INT, m INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE subs (id INT, a STRING, b STRING, c STRING, d STRING) WITH ('connector' = 'filesystem', 'path' = 'out/subs', 'format' = 'changelog-json');
CREATE TABLE trims (id INT, a STRING, b STRING, c STRING, d STRING, e STRING, f STRING) WITH ('connector' = 'filesystem', 'path' = 'out/trims', 'format' = 'changelog-json');
CREATE TABLE joins (id INT, a STRING, b STRING, c STRING, d STRING, n INT) WITH ('connector' = 'filesystem', 'path' = 'out/joins', 'format' = 'changelog-json');
CREATE TABLE searches (id INT, pos INT, rep STRING, cut STRING, up STRING, low STRING, n INT) WITH ('connector' = 'filesystem', 'path' = 'out/searches', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO subs SELECT id, SUBSTRING(s FROM n), SUBSTRING(s FROM n FOR m), SUBSTRING(s, 2, 3), SUBSTRING(s FROM -2) FROM t;
  INSERT INTO trims SELECT id, TRIM(s), TRIM(LEADING FROM s), TRIM(TRAILING FROM s), TRIM(BOTH 'x' FROM s), TRIM(LEADING 'xy' FROM s), TRIM(BOTH p FROM s) FROM t;
  INSERT INTO joins SELECT id, s || p, CONCAT(s, '-', p), s || CAST(n AS STRING), COALESCE(s, '') || COALESCE(p, '?'), CHAR_LENGTH(CONCAT(s, p)) FROM t;
  INSERT INTO searches SELECT id, POSITION(p IN s), REPLACE(s, p, '<>'), REPLACE(s, 'x', ''), UPPER(s), LOWER(s), CHAR_LENGTH(s) FROM t;
END;
