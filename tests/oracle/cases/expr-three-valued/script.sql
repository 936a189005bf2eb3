-- AND, OR, NOT and comparisons with unknowns; WHERE takes only what is true.
CREATE TABLE t (id INT, a BOOLEAN, b BOOLEAN, x INT, y INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, conj BOOLEAN, disj BOOLEAN, neg BOOLEAN, lt BOOLEAN, eq BOOLEAN, ne BOOLEAN, nn BOOLEAN, t1 BOOLEAN, f1 BOOLEAN, u1 BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE passed (id INT) WITH ('connector' = 'filesystem', 'path' = 'out/passed', 'format' = 'changelog-json');
CREATE TABLE not_passed (id INT) WITH ('connector' = 'filesystem', 'path' = 'out/not_passed', 'format' = 'changelog-json');
CREATE TABLE in_lists (id INT, i1 BOOLEAN, i2 BOOLEAN, n1 BOOLEAN, n2 BOOLEAN, b1 BOOLEAN, b2 BOOLEAN, b3 BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'out/in_lists', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT id, a AND b, a OR b, NOT a, x < y, x = y, x <> y, x = y AND NOT (x <> y), a IS TRUE, a IS NOT FALSE, (a AND b) IS UNKNOWN FROM t;
  INSERT INTO passed SELECT id FROM t WHERE (a OR x > y) AND NOT (b AND y IS NULL);
  INSERT INTO not_passed SELECT id FROM t WHERE NOT ((a OR x > y) AND NOT (b AND y IS NULL));
  INSERT INTO in_lists SELECT id, x IN (1, 2), x IN (1, y), x NOT IN (1, 2), x NOT IN (2, y), x BETWEEN 1 AND y, x NOT BETWEEN y AND 2, x BETWEEN 2 AND 1 FROM t;
END;
