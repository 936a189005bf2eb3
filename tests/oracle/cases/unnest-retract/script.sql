-- UNNEST over a changelog, counted by element.
CREATE TABLE t (id INT, xs ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE elements (id INT, x STRING) WITH ('connector' = 'filesystem', 'path' = 'out/elements', 'format' = 'changelog-json');
CREATE TABLE counts (x STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/counts', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO elements SELECT id, x FROM t CROSS JOIN UNNEST(xs) AS u(x);
  INSERT INTO counts SELECT x, COUNT(*) FROM t CROSS JOIN UNNEST(xs) AS u(x) GROUP BY x;
END;
