-- Three aggregations on top of each other, with a filter in the middle that groups enter and leave.
CREATE TABLE sales (shop STRING, item STRING, amount INT) WITH ('connector' = 'filesystem', 'path' = 'in/sales.json', 'format' = 'changelog-json');
CREATE TABLE r (level INT, shops BIGINT, best INT, worst INT, PRIMARY KEY (level) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');
CREATE TABLE plain (level INT, shops BIGINT, best INT, worst INT) WITH ('connector' = 'filesystem', 'path' = 'out/plain', 'format' = 'changelog-json');

CREATE VIEW per_item AS SELECT shop, item, SUM(amount) AS total FROM sales GROUP BY shop, item;
CREATE VIEW per_shop AS SELECT shop, COUNT(*) AS items, MAX(total) AS best, MIN(total) AS worst
  FROM per_item WHERE total >= 10 GROUP BY shop;
CREATE VIEW levels AS SELECT CASE WHEN items > 1 THEN 2 ELSE 1 END AS level, COUNT(*) AS shops, MAX(best) AS best, MIN(worst) AS worst
  FROM per_shop GROUP BY CASE WHEN items > 1 THEN 2 ELSE 1 END;

EXECUTE STATEMENT SET BEGIN
  INSERT INTO r SELECT * FROM levels;
  INSERT INTO plain SELECT * FROM levels;
END;
