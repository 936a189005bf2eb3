-- SHOW: what there is, and the statements that make it.

-- setup
CREATE CATALOG cat2 WITH ('type' = 'generic_in_memory', 'default-database' = 'db');
CREATE DATABASE db1;
CREATE TABLE db1.person (a INT) WITH ('connector' = 'datagen');
CREATE TABLE db1.dim_1 (a INT) WITH ('connector' = 'datagen');
CREATE TABLE orders (id BIGINT NOT NULL COMMENT 'key ''id''', item VARCHAR(32), ts TIMESTAMP(3), p AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND,
    CONSTRAINT pk PRIMARY KEY (id) NOT ENFORCED) COMMENT 'all' DISTRIBUTED BY HASH(id) INTO 4 BUCKETS WITH ('connector' = 'datagen');
CREATE VIEW v (x, y) COMMENT 'vv' AS SELECT id, item FROM orders;

-- ok
SHOW CATALOGS;
-- names: catalog name
-- > cat2
-- > default_catalog

-- ok
SHOW CATALOGS LIKE '%t2';
-- > cat2

-- ok
SHOW CATALOGS ILIKE 'CA%';
-- > cat2

-- ok
SHOW CATALOGS NOT LIKE 'ca%';
-- > default_catalog

-- ok
SHOW CATALOGS NOT ILIKE 'CA%';
-- > default_catalog

-- ok
SHOW CURRENT CATALOG;
-- names: current catalog name
-- > default_catalog

-- ok
SHOW CREATE CATALOG cat2;
-- names: result
-- > CREATE CATALOG `cat2`\nWITH (\n  'default-database' = 'db',\n  'type' = 'generic_in_memory'\n)\n

-- ok
SHOW DATABASES;
-- names: database name
-- > db1
-- > default_database

-- ok
SHOW DATABASES FROM cat2;
-- > db

-- ok
SHOW DATABASES IN cat2 NOT LIKE 'd_';

-- ok
SHOW DATABASES LIKE 'db_';
-- > db1

-- ok
SHOW DATABASES ILIKE 'DEFAULT%';
-- > default_database

-- ok
SHOW CURRENT DATABASE;
-- names: current database name
-- > default_database

-- ok
SHOW TABLES;
-- names: table name
-- > orders
-- > v

-- ok
SHOW TABLES FROM db1;
-- > dim_1
-- > person

-- ok
SHOW TABLES IN default_catalog.db1 LIKE '%n';
-- > person

-- ok
SHOW TABLES FROM db1 NOT LIKE '%n';
-- > dim_1

-- ok
SHOW TABLES FROM db1 LIKE 'dim\_%';
-- > dim_1

-- ok
SHOW TABLES FROM db1 LIKE 'per\_on';

-- # in Flink a line break follows
-- ok
SHOW CREATE TABLE orders;
-- has: result
-- has: CREATE TABLE `default_catalog`.`default_database`.`orders` (\n  `id` BIGINT NOT NULL COMMENT 'key ''id''',\n  `item` VARCHAR(32),\n  `ts` TIMESTAMP(3),\n  `p` AS PROCTIME(),\n  WATERMARK FOR `ts` AS `ts` - INTERVAL '1' SECOND,\n  CONSTRAINT `pk` PRIMARY KEY (`id`) NOT ENFORCED\n)\nCOMMENT 'all'\nDISTRIBUTED BY HASH(`id`) INTO 4 BUCKETS\nWITH (\n  'connector' = 'datagen'\n)

-- ok
SHOW CREATE TABLE default_catalog.db1.person;
-- has: `a` INT
-- has: 'connector' = 'datagen'

-- error: view
SHOW CREATE TABLE v;

-- ok
SHOW COLUMNS FROM orders;
-- names: name | type | null | key | extras | watermark | comment
-- > id | BIGINT | FALSE | PRI(id) | NULL | NULL | key 'id'
-- > item | VARCHAR(32) | TRUE | NULL | NULL | NULL | NULL
-- > ts | TIMESTAMP(3) *ROWTIME* | TRUE | NULL | NULL | `ts` - INTERVAL '1' SECOND | NULL
-- > p | TIMESTAMP_LTZ(3) *PROCTIME* | FALSE | NULL | AS PROCTIME() | NULL | NULL

-- ok
SHOW COLUMNS IN default_catalog.db1.person;
-- > a | INT | TRUE | NULL | NULL | NULL

-- ok
SHOW COLUMNS FROM orders LIKE '%m';
-- > item | VARCHAR(32) | TRUE | NULL | NULL | NULL | NULL

-- ok
SHOW COLUMNS FROM v NOT LIKE 'x';
-- > y | VARCHAR(32) | TRUE | NULL | NULL | NULL

-- error: "orders" is not partitioned
SHOW PARTITIONS orders;

-- ok
CREATE TABLE p (a INT, dt STRING, hr INT) PARTITIONED BY (dt, hr) WITH ('connector' = 'blackhole');
ALTER TABLE p ADD PARTITION (dt = 'x', hr = 1) PARTITION (dt = 'x', hr = 2) PARTITION (dt = 'y', hr = 2);
SHOW PARTITIONS default_database.p PARTITION (hr = '2');
-- > dt=x/hr=2
-- > dt=y/hr=2
-- names: partition name

-- ok
CREATE TABLE p (a INT, dt STRING) PARTITIONED BY (dt) WITH ('connector' = 'blackhole');
ALTER TABLE p ADD PARTITION (dt = 'x');
SHOW PARTITIONS p PARTITION (nothing = 'x');

-- error: table "nothing" not found
SHOW PARTITIONS nothing;

-- error: "v" is not partitioned
SHOW PARTITIONS v;

-- ok
SHOW PROCEDURES;

-- ok
SHOW PROCEDURES FROM default_catalog.db1 NOT ILIKE 'x%';

-- ok
SHOW VIEWS;
-- names: view name
-- > v

-- ok
SHOW VIEWS FROM db1;

-- ok
SHOW VIEWS IN default_database NOT LIKE 'w%';
-- > v

-- ok
SHOW CREATE VIEW v;
-- names: result
-- > CREATE VIEW `default_catalog`.`default_database`.`v` (\n  `x`,\n  `y`\n)\nCOMMENT 'vv'\nAS SELECT id, item FROM orders\n

-- ok
SHOW MATERIALIZED TABLES;

-- ok
SHOW MATERIALIZED TABLES FROM db1 NOT LIKE 'a%';

-- refused: SHOW CREATE MATERIALIZED TABLE
SHOW CREATE MATERIALIZED TABLE m;

-- ok
SHOW FUNCTIONS LIKE 'JSON_QU%';
-- names: function name
-- > JSON_QUERY
-- > JSON_QUOTE

-- ok
SHOW FUNCTIONS FROM default_database ILIKE 'map_k%';
-- > MAP_KEYS

-- ok
SHOW FUNCTIONS NOT LIKE 'x%';
-- any

-- ok
SHOW USER FUNCTIONS;

-- ok
SHOW USER FUNCTIONS IN default_catalog.db1 NOT ILIKE 'a%';

-- ok
SHOW MODULES;
-- names: module name
-- > core

-- ok
SHOW FULL MODULES;
-- names: module name | used
-- > core | TRUE

-- ok
SHOW JARS;

-- refused: SHOW JOBS
SHOW JOBS;

-- ok
SHOW MODELS;

-- ok
SHOW MODELS FROM db1 NOT LIKE 'a%';

-- refused: SHOW CREATE MODEL
SHOW CREATE MODEL m;
