-- Aggregates over a join in which a row never has more than one partner: every step is defined.
SET 'scan.interleave' = 'true';

CREATE TABLE lines (id INT, product INT, pieces INT) WITH ('connector' = 'filesystem', 'path' = 'in/lines.json', 'format' = 'changelog-json');
CREATE TABLE products (id INT, kind STRING, price DECIMAL(6, 2)) WITH ('connector' = 'filesystem', 'path' = 'in/products.json', 'format' = 'changelog-json');
CREATE TABLE by_kind (kind STRING, n BIGINT, total DECIMAL(38, 2), most INT) WITH ('connector' = 'filesystem', 'path' = 'out/by_kind', 'format' = 'changelog-json');
CREATE TABLE keyed (kind STRING, n BIGINT, PRIMARY KEY (kind) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/keyed', 'format' = 'changelog-json');

CREATE VIEW j AS SELECT l.id, l.pieces, COALESCE(p.kind, '?') AS kind, l.pieces * p.price AS worth FROM lines l JOIN products p ON l.product = p.id;

EXECUTE STATEMENT SET BEGIN
  INSERT INTO by_kind SELECT kind, COUNT(*), SUM(worth), MAX(pieces) FROM j GROUP BY kind;
  INSERT INTO keyed SELECT kind, COUNT(*) FROM j GROUP BY kind HAVING COUNT(*) <> 2;
END;
