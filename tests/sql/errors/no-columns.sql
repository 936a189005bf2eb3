CREATE TABLE o () WITH ('connector' = 'blackhole');
