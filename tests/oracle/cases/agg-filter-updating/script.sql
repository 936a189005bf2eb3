-- WHERE on an updating stream: the two halves of an update may fall on different sides of it.
CREATE TABLE orders (id INT, state STRING, amount INT) WITH ('connector' = 'filesystem', 'path' = 'in/orders.json', 'format' = 'changelog-json');
CREATE TABLE paid (id INT, amount INT) WITH ('connector' = 'filesystem', 'path' = 'out/paid', 'format' = 'changelog-json');
CREATE TABLE totals (state STRING, n BIGINT, total INT) WITH ('connector' = 'filesystem', 'path' = 'out/totals', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO paid SELECT id, amount FROM orders WHERE state = 'paid';
  INSERT INTO totals SELECT state, COUNT(*), SUM(amount) FROM orders WHERE amount > 10 GROUP BY state;
END;
