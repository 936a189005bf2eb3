CREATE TABLE t (a INT, dt STRING) PARTITIONED BY (dt) WITH ('connector' = 'blackhole');
ALTER TABLE t RENAME a TO b;
ALTER TABLE t RENAME dt TO day_of;
