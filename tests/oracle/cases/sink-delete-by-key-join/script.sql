-- An upsert stream whose deletes carry the key alone, joined and aggregated.
SET 'scan.interleave' = 'true';

CREATE TABLE person (id INT, city STRING, age INT, PRIMARY KEY (id) NOT ENFORCED)
WITH (
  'connector' = 'filesystem',
  'path' = 'in/person.json',
  'format' = 'changelog-json',
  'changelog-json.changelog-mode' = 'I,UA,D',
  'changelog-json.delete-by-key' = 'true'
);
CREATE TABLE city (name STRING, land STRING, PRIMARY KEY (name) NOT ENFORCED)
WITH (
  'connector' = 'filesystem',
  'path' = 'in/city.json',
  'format' = 'changelog-json',
  'changelog-json.changelog-mode' = 'I,UA,D',
  'changelog-json.delete-by-key' = 'true'
);
CREATE TABLE o (id INT, land STRING, age INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE lands (land STRING, n BIGINT, oldest INT, PRIMARY KEY (land) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/lands', 'format' = 'changelog-json');
CREATE TABLE cities (city STRING, n BIGINT, PRIMARY KEY (city) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/cities', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT p.id, c.land, p.age FROM person p JOIN city c ON p.city = c.name;
  INSERT INTO lands SELECT c.land, COUNT(*), MAX(p.age) FROM person p JOIN city c ON p.city = c.name GROUP BY c.land;
  INSERT INTO cities SELECT city, COUNT(*) FROM person GROUP BY city;
END;
