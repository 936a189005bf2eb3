-- An upsert stream into aggregates: every update must first take back the row that was there, also when the group moves.
CREATE TABLE people (id INT, city STRING, age INT, PRIMARY KEY (id) NOT ENFORCED) WITH (
  'connector' = 'filesystem',
  'path' = 'in/people.json',
  'format' = 'changelog-json',
  'changelog-json.changelog-mode' = 'I,UA,D'
);
CREATE TABLE cities (city STRING, n BIGINT, total INT, oldest INT) WITH ('connector' = 'filesystem', 'path' = 'out/cities', 'format' = 'changelog-json');
CREATE TABLE everyone (n BIGINT, oldest INT) WITH ('connector' = 'filesystem', 'path' = 'out/everyone', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO cities SELECT city, COUNT(*), SUM(age), MAX(age) FROM people GROUP BY city;
  INSERT INTO everyone SELECT COUNT(*), MAX(age) FROM people;
END;
