CREATE TABLE o (a INT, PRIMARY KEY (a)) WITH ('connector' = 'blackhole');
