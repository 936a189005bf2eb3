CREATE TABLE t (id INT) WITH (
    'connector' = 'datagen',
    'nmber-of-rows' = '3',
    'rows-per-second' = 'fast',
    'fields.id.kynd' = 'sequence'
);

SELECT idd FROM t;
