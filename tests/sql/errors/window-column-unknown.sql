CREATE TABLE u (id INT, ts TIMESTAMP(3), other TIMESTAMP(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT window_end FROM TUMBLE(TABLE u, DESCRIPTOR(tss), INTERVAL '1' MINUTE);
