CREATE TABLE o (a INT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'blackhole');
