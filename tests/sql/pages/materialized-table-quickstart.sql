-- A first materialized table.

-- ok
CREATE CATALOG mt_cat WITH ('type' = 'generic_in_memory', 'default-database' = 'mydb');
USE CATALOG mt_cat;
SHOW CURRENT DATABASE;
-- > mydb

-- error: test-filesystem
CREATE CATALOG mt_cat WITH ('type' = 'test-filesystem', 'path' = '/tmp', 'default-database' = 'mydb');

-- refused: CREATE MATERIALIZED TABLE
SET 'execution.checkpointing.interval' = '30s';
CREATE TABLE src (id BIGINT, day_of STRING) WITH ('connector' = 'datagen');
CREATE MATERIALIZED TABLE shop PARTITIONED BY (day_of) WITH ('format' = 'json') FRESHNESS = INTERVAL '30' SECOND
AS SELECT id, day_of, COUNT(*) AS n FROM src GROUP BY id, day_of;

-- refused: ALTER MATERIALIZED TABLE
ALTER MATERIALIZED TABLE shop SUSPEND;

-- refused: ALTER MATERIALIZED TABLE
ALTER MATERIALIZED TABLE shop REFRESH PARTITION (day_of = '2023-12-28');
