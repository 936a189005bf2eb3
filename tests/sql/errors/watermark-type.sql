CREATE TABLE o (a INT, WATERMARK FOR a AS a) WITH ('connector' = 'datagen');
