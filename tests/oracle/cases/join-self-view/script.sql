-- One source read once and joined with itself: which of the two sides sees a row first is not defined, the final rows are.
CREATE TABLE emp (id INT, boss INT, pay INT) WITH ('connector' = 'filesystem', 'path' = 'in/emp.json', 'format' = 'changelog-json');
CREATE TABLE o (id INT, boss INT, more INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

CREATE VIEW well_paid AS SELECT * FROM emp WHERE pay > 10;
INSERT INTO o SELECT e.id, b.id, b.pay - e.pay FROM well_paid AS e JOIN well_paid AS b ON e.boss = b.id;
