CREATE TABLE t (
    a INT,
    a STRING,
    c AS nope + 1,
    PRIMARY KEY (k, a) NOT ENFORCED
) PARTITIONED BY (p) WITH (
    'connector' = 'datagen',
    'connector' = 'print'
);
