-- Three tables in a chain, with a filter on the last and all of them updating.
SET 'scan.interleave' = 'true';

CREATE TABLE a (id INT, b INT) WITH ('connector' = 'filesystem', 'path' = 'in/a.json', 'format' = 'changelog-json');
CREATE TABLE b (id INT, c INT, v STRING) WITH ('connector' = 'filesystem', 'path' = 'in/b.json', 'format' = 'changelog-json');
CREATE TABLE c (id INT, w STRING) WITH ('connector' = 'filesystem', 'path' = 'in/c.json', 'format' = 'changelog-json');
CREATE TABLE o (a INT, v STRING, w STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT a.id, b.v, c.w FROM a JOIN b ON a.b = b.id JOIN c ON b.c = c.id WHERE c.w <> 'off';
