CREATE TABLE t (id INT, name STRING, v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'datagen');
SET 'execution.runtime-mode' = 'BATCH';
SELECT id FROM t;
