-- DESCRIBE: tables and views, catalogs, functions, jobs.

-- setup
CREATE TABLE orders (id BIGINT NOT NULL COMMENT 'the key', item VARCHAR(32), n INT, ts TIMESTAMP(3) COMMENT 'its time', p AS PROCTIME() COMMENT 'now',
    PRIMARY KEY (id) NOT ENFORCED, WATERMARK FOR ts AS ts - INTERVAL '1' SECONDS) WITH ('connector' = 'datagen');

-- ok
DESCRIBE orders;
-- names: name | type | null | key | extras | watermark | comment
-- > id | BIGINT | FALSE | PRI(id) | NULL | NULL | the key
-- > item | VARCHAR(32) | TRUE | NULL | NULL | NULL | NULL
-- > n | INT | TRUE | NULL | NULL | NULL | NULL
-- > ts | TIMESTAMP(3) *ROWTIME* | TRUE | NULL | NULL | `ts` - INTERVAL '1' SECOND | its time
-- > p | TIMESTAMP_LTZ(3) *PROCTIME* | FALSE | NULL | AS PROCTIME() | NULL | now

-- ok
CREATE VIEW v AS SELECT item, COUNT(*) AS c FROM orders GROUP BY item;
DESC v;
-- > item | VARCHAR(32) | TRUE | NULL | NULL | NULL
-- > c | BIGINT | FALSE | NULL | NULL | NULL

-- ok
CREATE VIEW v AS SELECT n FROM orders;
DESCRIBE default_catalog.default_database.v;
-- > n | INT | TRUE | NULL | NULL | NULL

-- ok
CREATE VIEW v AS SELECT n FROM orders;
DESCRIBE EXTENDED v;
-- any

-- error: not found
DESCRIBE nothing;

-- ok
CREATE CATALOG c WITH ('type' = 'generic_in_memory', 'default-database' = 'db');
DESCRIBE CATALOG c;
-- names: info name | info value
-- > name | c
-- > type | generic_in_memory
-- > comment | NULL

-- ok
CREATE CATALOG c WITH ('type' = 'generic_in_memory', 'default-database' = 'db');
DESC CATALOG EXTENDED c;
-- > name | c
-- > type | generic_in_memory
-- > comment | NULL
-- > option:default-database | db

-- error: not
DESCRIBE FUNCTION nothing;

-- refused: DESCRIBE JOB
DESCRIBE JOB '228d70913eab60dda85c5e7f78b5782c';

-- refused: DESCRIBE JOB
DESC JOB '228d70913eab60dda85c5e7f78b5782c';

-- refused: DESCRIBE MODEL
DESCRIBE MODEL m;

-- # reserved words without back-quotes, as SHOW FUNCTIONS prints them
-- ok
DESCRIBE FUNCTION COALESCE;
-- has: is system function

-- ok
DESCRIBE FUNCTION IS NOT NULL;
-- has: is system function
