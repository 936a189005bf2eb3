-- Rows within rows: access, NULL on the way, comparison, grouping by a nested field, and rows written again.
CREATE TABLE t (
  id INT,
  who ROW<name STRING, home ROW<city STRING, zip INT>>,
  `at` ROW<x DOUBLE, y DOUBLE>
) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE flat (id INT, name STRING, city STRING, zip INT, x DOUBLE, no_home BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'out/flat', 'format' = 'changelog-json');
CREATE TABLE again (id INT, home ROW<city STRING, zip INT>, who ROW<name STRING, home ROW<city STRING, zip INT>>) WITH ('connector' = 'filesystem', 'path' = 'out/again', 'format' = 'changelog-json');
CREATE TABLE by_city (city STRING, n BIGINT, hi INT) WITH ('connector' = 'filesystem', 'path' = 'out/by_city', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO flat SELECT id, t.who.name, t.who.home.city, t.who.home.zip + 1, t.`at`.x * 2, t.who.home IS NULL FROM t;
  INSERT INTO again SELECT id, t.who.home, who FROM t WHERE t.who.home.zip > 100 OR t.who.home.zip IS NULL;
  INSERT INTO by_city SELECT t.who.home.city, COUNT(*), MAX(t.who.home.zip) FROM t GROUP BY t.who.home.city;
END;
