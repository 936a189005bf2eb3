-- Both sides insert, update and delete; rows are there several times.
SET 'scan.interleave' = 'true';

CREATE TABLE l (id INT, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/l.json', 'format' = 'changelog-json');
CREATE TABLE r (k STRING, w DECIMAL(5, 2)) WITH ('connector' = 'filesystem', 'path' = 'in/r.json', 'format' = 'changelog-json');
CREATE TABLE o (id INT, k STRING, v INT, w DECIMAL(5, 2)) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT l.id, l.k, l.v, r.w FROM l JOIN r ON l.k = r.k;
