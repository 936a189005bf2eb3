-- USE: catalogs, databases, modules.

-- setup
CREATE CATALOG c WITH ('type' = 'generic_in_memory', 'default-database' = 'x');
CREATE DATABASE d;
CREATE TABLE d.t (a INT) WITH ('connector' = 'values', 'rows' = '{"a":1}');

-- ok
USE CATALOG c;
SHOW CURRENT CATALOG;
-- names: current catalog name
-- > c

-- ok
USE CATALOG c;
SHOW CURRENT DATABASE;
-- names: current database name
-- > x

-- ok
USE d;
SELECT a FROM t;
-- > 1

-- ok
USE CATALOG c;
USE default_catalog.d;
SELECT a FROM t;
-- > 1

-- error: not
USE nothing;

-- error: not
USE CATALOG nothing;

-- ok
USE MODULES core;
SHOW FULL MODULES;
-- > core | TRUE

-- error: module "hive" not found
USE MODULES hive, core;
