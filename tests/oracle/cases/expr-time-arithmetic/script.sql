-- Differences in whole units toward zero, additions at the ends of months, intervals of both kinds.
CREATE TABLE t (id INT, a TIMESTAMP(3), b TIMESTAMP(3), d DATE, n INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE diffs (id INT, s INT, mi INT, h INT, d INT, mo INT, y INT) WITH ('connector' = 'filesystem', 'path' = 'out/diffs', 'format' = 'changelog-json');
CREATE TABLE added (id INT, mi TIMESTAMP(3), d TIMESTAMP(3), mo TIMESTAMP(3), y TIMESTAMP(3), dmo DATE) WITH ('connector' = 'filesystem', 'path' = 'out/added', 'format' = 'changelog-json');
CREATE TABLE intervals (id INT, a TIMESTAMP(3), b TIMESTAMP(3), c TIMESTAMP(3), d DATE, e TIMESTAMP(3), later BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'out/intervals', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO diffs SELECT id, TIMESTAMPDIFF(SECOND, a, b), TIMESTAMPDIFF(MINUTE, a, b), TIMESTAMPDIFF(HOUR, a, b), TIMESTAMPDIFF(DAY, a, b), TIMESTAMPDIFF(MONTH, a, b), TIMESTAMPDIFF(YEAR, a, b) FROM t;
  INSERT INTO added SELECT id, TIMESTAMPADD(MINUTE, n, a), TIMESTAMPADD(DAY, n, a), TIMESTAMPADD(MONTH, n, a), TIMESTAMPADD(YEAR, n, a), TIMESTAMPADD(MONTH, n, d) FROM t;
  INSERT INTO intervals SELECT id, a + INTERVAL '1 02:03:04.005' DAY TO SECOND, a - INTERVAL '90' MINUTE, a + INTERVAL '1-1' YEAR TO MONTH, d + INTERVAL '1' MONTH, a - INTERVAL '1' MONTH, a + INTERVAL '1' DAY > b FROM t;
END;
