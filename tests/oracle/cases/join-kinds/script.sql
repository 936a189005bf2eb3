-- The kinds of rows go through an inner join as they came in; a sink with the join's key gets upserts.
SET 'scan.interleave' = 'true';

CREATE TABLE l (id INT, k INT, v STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'in/l.json', 'format' = 'changelog-json');
CREATE TABLE r (k INT, w STRING, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'in/r.json', 'format' = 'changelog-json');
CREATE TABLE plain (id INT, v STRING, w STRING) WITH ('connector' = 'filesystem', 'path' = 'out/plain', 'format' = 'changelog-json');

INSERT INTO plain SELECT l.id, l.v, r.w FROM l JOIN r ON l.k = r.k;
