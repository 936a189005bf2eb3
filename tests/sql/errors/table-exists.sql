CREATE TABLE p (name STRING, n BIGINT) WITH ('connector' = 'blackhole');
CREATE TABLE p (a INT) WITH ('connector' = 'blackhole');
