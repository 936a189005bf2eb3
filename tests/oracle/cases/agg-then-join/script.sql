-- Two aggregates joined by their key: every update passes as -U, +U and meets the other side.
SET 'scan.interleave' = 'true';

CREATE TABLE bought (who STRING, cents INT) WITH ('connector' = 'filesystem', 'path' = 'in/bought.json', 'format' = 'changelog-json');
CREATE TABLE paid (who STRING, cents INT) WITH ('connector' = 'filesystem', 'path' = 'in/paid.json', 'format' = 'changelog-json');
CREATE TABLE balance (who STRING, bought INT, paid INT, `open` INT) WITH ('connector' = 'filesystem', 'path' = 'out/balance', 'format' = 'changelog-json');
CREATE TABLE keyed (who STRING, `open` INT, PRIMARY KEY (who) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/keyed', 'format' = 'changelog-json');

CREATE VIEW j AS
SELECT b.who, b.cents AS bought, p.cents AS paid
FROM (SELECT who, SUM(cents) AS cents FROM bought GROUP BY who) AS b
JOIN (SELECT who, SUM(cents) AS cents FROM paid GROUP BY who) AS p ON b.who = p.who;

EXECUTE STATEMENT SET BEGIN
  INSERT INTO balance SELECT who, bought, paid, bought - paid FROM j;
  INSERT INTO keyed SELECT who, bought - paid FROM j WHERE bought <> paid;
END;
