CREATE TABLE o (a INT, WATERMARK FOR b AS b) WITH ('connector' = 'datagen');
