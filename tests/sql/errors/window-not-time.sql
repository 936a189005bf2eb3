CREATE TABLE u (id INT, ts TIMESTAMP(3), other TIMESTAMP(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT window_end, COUNT(*) FROM TUMBLE(TABLE u, DESCRIPTOR(other), INTERVAL '1' MINUTE) GROUP BY window_start, window_end;
