-- Orders joined with the rate of their time: a versioned table from upsert-kafka, by event time.
CREATE TABLE orders (id BIGINT, cur STRING, tm TIMESTAMP(3), WATERMARK FOR tm AS tm) WITH ('connector' = 'kafka', 'topic' = 'temporal-join.orders', 'properties.bootstrap.servers' = 'localhost:9092',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json', 'scan.watermark.emit.strategy' = 'on-event');
CREATE TABLE rates (cur STRING, rate INT, tm TIMESTAMP(3), WATERMARK FOR tm AS tm, PRIMARY KEY (cur) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'temporal-join.rates', 'properties.bootstrap.servers' = 'localhost:9092', 'key.format' = 'raw', 'value.format' = 'json', 'scan.bounded.mode' = 'latest-offset');
CREATE TABLE o (id BIGINT, cur STRING, rate INT) WITH ('connector' = 'kafka', 'topic' = 'temporal-join.out', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
INSERT INTO o SELECT a.id, a.cur, r.rate FROM orders AS a LEFT JOIN rates FOR SYSTEM_TIME AS OF a.tm AS r ON a.cur = r.cur;
