-- Two upsert streams joined on a column that is the key of one of them; their updates must be made whole first.
SET 'scan.interleave' = 'true';

CREATE TABLE orders (id INT, customer INT, amount INT, PRIMARY KEY (id) NOT ENFORCED) WITH (
  'connector' = 'filesystem',
  'path' = 'in/orders.json',
  'format' = 'changelog-json',
  'changelog-json.changelog-mode' = 'I,UA,D'
);
CREATE TABLE customers (id INT, name STRING, PRIMARY KEY (id) NOT ENFORCED) WITH (
  'connector' = 'filesystem',
  'path' = 'in/customers.json',
  'format' = 'changelog-json',
  'changelog-json.changelog-mode' = 'I,UA,D'
);
CREATE TABLE plain (id INT, name STRING, amount INT) WITH ('connector' = 'filesystem', 'path' = 'out/plain', 'format' = 'changelog-json');
CREATE TABLE keyed (id INT, name STRING, amount INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/keyed', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO plain SELECT o.id, c.name, o.amount FROM orders o JOIN customers c ON o.customer = c.id;
  INSERT INTO keyed SELECT o.id, c.name, o.amount FROM orders o JOIN customers c ON o.customer = c.id;
END;
