-- Conditions on one side only, in ON and in WHERE, and a join key that also has a constant.
SET 'scan.interleave' = 'true';

CREATE TABLE l (id INT, k INT, s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/l.json', 'format' = 'changelog-json');
CREATE TABLE r (k INT, s STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/r.json', 'format' = 'changelog-json');
CREATE TABLE o (id INT, k INT, v INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o
SELECT l.id, l.k, r.v FROM l JOIN r ON l.k = r.k AND l.s = r.s AND r.v > 0
WHERE l.s = 'go' AND (r.v < 10 OR l.id = 1);
