-- DROP: catalogs, tables, databases, views, functions, models.

-- setup
CREATE TABLE t (a INT) WITH ('connector' = 'datagen');

-- ok
DROP TABLE t;
SHOW TABLES;

-- error: not
DROP TABLE nothing;

-- ok
DROP TABLE IF EXISTS nothing;
DROP TABLE IF EXISTS default_catalog.default_database.t;
SHOW TABLES;

-- ok
CREATE TEMPORARY TABLE t (b INT) WITH ('connector' = 'datagen');
DROP TEMPORARY TABLE t;
DESCRIBE t;
-- > a | INT | TRUE | NULL | NULL | NULL

-- ok
CREATE CATALOG c WITH ('type' = 'generic_in_memory');
DROP CATALOG c;
SHOW CATALOGS;
-- > default_catalog

-- ok
DROP CATALOG IF EXISTS nothing;
SHOW CATALOGS;
-- > default_catalog

-- error: not
DROP CATALOG nothing;

-- error: default_catalog
DROP CATALOG default_catalog;

-- ok
CREATE DATABASE d;
DROP DATABASE d;
DROP DATABASE IF EXISTS default_catalog.d;
SHOW DATABASES;
-- > default_database

-- error: not
DROP DATABASE nothing;

-- error: not empty
CREATE DATABASE d;
CREATE TABLE d.x (a INT) WITH ('connector' = 'datagen');
DROP DATABASE d;

-- error: not empty
CREATE DATABASE d;
CREATE TABLE d.x (a INT) WITH ('connector' = 'datagen');
DROP DATABASE d RESTRICT;

-- ok
CREATE DATABASE d;
CREATE TABLE d.x (a INT) WITH ('connector' = 'datagen');
DROP DATABASE d CASCADE;
SHOW DATABASES;
-- > default_database

-- ok
CREATE VIEW v AS SELECT 1 AS a;
DROP VIEW v;
DROP VIEW IF EXISTS v;
SHOW VIEWS;

-- ok
CREATE VIEW v AS SELECT 1 AS a;
CREATE TEMPORARY VIEW v AS SELECT 2 AS a;
DROP TEMPORARY VIEW IF EXISTS v;
SELECT a FROM v;
-- > 1

-- error: not
DROP VIEW nothing;

-- # a view of a table that is gone tells so when it is used
-- error: not found
CREATE VIEW v AS SELECT a FROM t;
DROP TABLE t;
SELECT * FROM v;

-- error: unknown function 'f'
DROP FUNCTION f;

-- ok
DROP TEMPORARY FUNCTION IF EXISTS default_database.f;

-- ok
DROP TEMPORARY SYSTEM FUNCTION IF EXISTS f;

-- refused: DROP MODEL
DROP MODEL m;

-- refused: DROP MODEL
DROP TEMPORARY MODEL IF EXISTS default_catalog.default_database.m;

-- refused: DROP MATERIALIZED TABLE
DROP MATERIALIZED TABLE IF EXISTS m;
