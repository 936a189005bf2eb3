-- Versioned tables: a key and a time, by DDL or by a view.

-- setup
CREATE TABLE rates (currency STRING, rate DECIMAL(10, 2), ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"currency":"Euro","rate":114,"ts":"2024-01-01 09:00:00"}');

-- ok
CREATE TABLE products (id STRING, name STRING, ts TIMESTAMP(3), PRIMARY KEY (id) NOT ENFORCED, WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'format' = 'changelog-json', 'rows' = '{"op":"+I","data":{"id":"p","name":"pen","ts":"2024-01-01 09:00:00"}}
{"op":"-U","data":{"id":"p","name":"pen","ts":"2024-01-01 09:00:00"}}
{"op":"+U","data":{"id":"p","name":"cup","ts":"2024-01-01 10:00:00"}}');
SELECT id, name FROM products;
-- > p | cup

-- refused: OVER
CREATE VIEW versioned AS SELECT currency, rate, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY currency ORDER BY ts DESC) AS rn FROM rates) WHERE rn = 1;

-- refused: QUALIFY
SELECT currency FROM rates QUALIFY ROW_NUMBER() OVER (PARTITION BY currency ORDER BY ts DESC) = 1;

-- refused: FOR SYSTEM_TIME AS OF
CREATE TABLE orders (currency STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen');
SELECT * FROM orders JOIN rates FOR SYSTEM_TIME AS OF orders.ts ON orders.currency = rates.currency;
