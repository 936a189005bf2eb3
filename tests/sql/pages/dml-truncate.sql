-- TRUNCATE.

-- setup
CREATE TABLE t (who STRING, n INT) WITH ('connector' = 'filesystem', 'path' = 't', 'format' = 'csv');

-- refused: TRUNCATE TABLE
TRUNCATE TABLE t;

-- refused: TRUNCATE TABLE
TRUNCATE TABLE default_catalog.default_database.t;
