-- COALESCE brings types together and stops at the first value; IN over strings, decimals and dates.
CREATE TABLE t (id INT, i INT, d DECIMAL(6, 2), s STRING, c CHAR(3), da DATE) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, a STRING, b STRING, c BIGINT, n STRING, s BOOLEAN, d BOOLEAN, da BOOLEAN, many BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, CAST(COALESCE(d, i) AS STRING), COALESCE(c, s, '-'), COALESCE(i, 5000000000), CAST(COALESCE(d, 1.2345) AS STRING),
  s IN ('a', 'b', ''), d IN (1, 2.50, 3.333), da IN (DATE '2024-02-29', DATE '1969-12-31'), i IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, NULL)
FROM t;
