CREATE TABLE t (id INT, name STRING, v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'datagen');
SELECT id, COUNT(*) FROM t GROUP BY id LIMIT 5;
