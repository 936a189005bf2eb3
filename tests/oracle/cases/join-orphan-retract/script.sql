-- A retraction of a row the join has never seen.
SET 'scan.interleave' = 'true';

CREATE TABLE l (id INT, k INT) WITH ('connector' = 'filesystem', 'path' = 'in/l.json', 'format' = 'changelog-json');
CREATE TABLE r (k INT, v STRING) WITH ('connector' = 'filesystem', 'path' = 'in/r.json', 'format' = 'changelog-json');
CREATE TABLE o (id INT, k INT, v STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT l.id, l.k, r.v FROM l JOIN r ON l.k = r.k;
