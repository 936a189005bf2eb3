CREATE TABLE t (id INT, name STRING, v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'datagen', 'number-of-rows' = '1');
CREATE TABLE o (name STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'never', 'format' = 'json');
INSERT INTO o SELECT name, COUNT(*) FROM t GROUP BY name;
