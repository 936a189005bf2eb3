CREATE TABLE t (id INT, name STRING, v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT APPROX_COUNT_DISTINCT(name) FROM t;
