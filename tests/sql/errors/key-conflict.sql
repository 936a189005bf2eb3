SET 'table.exec.sink.require-on-conflict' = 'true';
CREATE TABLE t (id INT, name STRING, v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'datagen', 'number-of-rows' = '1');
CREATE TABLE k (n BIGINT, name STRING, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO k SELECT COUNT(*), name FROM t GROUP BY name;
