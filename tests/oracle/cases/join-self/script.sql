-- A table joined with itself, through two declarations over one file: each row also meets itself when its key says so.
SET 'scan.interleave' = 'true';

CREATE TABLE emp (id INT, boss INT, name STRING) WITH ('connector' = 'filesystem', 'path' = 'in/emp.json', 'format' = 'changelog-json');
CREATE TABLE boss (id INT, boss INT, name STRING) WITH ('connector' = 'filesystem', 'path' = 'in/emp.json', 'format' = 'changelog-json');
CREATE TABLE o (name STRING, boss STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT e.name, b.name FROM emp AS e JOIN boss AS b ON e.boss = b.id;
