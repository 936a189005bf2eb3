-- Inserts only; several partners on both sides; nothing is sent for a row without a partner.
SET 'scan.interleave' = 'true';

CREATE TABLE l (id INT, k STRING) WITH ('connector' = 'filesystem', 'path' = 'in/l.json', 'format' = 'json');
CREATE TABLE r (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/r.json', 'format' = 'json');
CREATE TABLE o (id INT, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT l.id, r.k, r.v FROM l JOIN r ON l.k = r.k;
