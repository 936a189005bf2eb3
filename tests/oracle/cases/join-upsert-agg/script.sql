-- An upsert stream joined with an aggregate of another upsert stream, and aggregated again.
SET 'scan.interleave' = 'true';

CREATE TABLE task (id INT, owner STRING, hours INT, PRIMARY KEY (id) NOT ENFORCED) WITH (
  'connector' = 'filesystem',
  'path' = 'in/task.json',
  'format' = 'changelog-json',
  'changelog-json.changelog-mode' = 'I,UA,D'
);
CREATE TABLE owner (name STRING, team STRING, PRIMARY KEY (name) NOT ENFORCED) WITH (
  'connector' = 'filesystem',
  'path' = 'in/owner.json',
  'format' = 'changelog-json',
  'changelog-json.changelog-mode' = 'I,UA,D'
);
CREATE TABLE team (team STRING, people BIGINT, hours INT, PRIMARY KEY (team) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/team', 'format' = 'changelog-json');

INSERT INTO team
SELECT o.team, COUNT(*), SUM(t.hours)
FROM (SELECT owner, SUM(hours) AS hours FROM task GROUP BY owner) AS t JOIN owner AS o ON t.owner = o.name
WHERE o.team IS NOT NULL
GROUP BY o.team;
