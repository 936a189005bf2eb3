CREATE DATABASE d;
CREATE TABLE d.t (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
DROP DATABASE d;
