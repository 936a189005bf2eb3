CREATE TABLE o (a STRNG) WITH ('connector' = 'blackhole');
