-- Catalogs: their databases, tables and views.

-- setup
CREATE CATALOG c WITH ('type' = 'generic_in_memory', 'default-database' = 'db');

-- ok
CREATE DATABASE mydb WITH ('k' = 'v');
USE mydb;
CREATE TABLE mytable (name STRING, age INT) WITH ('connector' = 'datagen');
SHOW TABLES;
-- > mytable

-- ok
USE CATALOG c;
USE db;
CREATE TABLE t (a INT) WITH ('connector' = 'values', 'rows' = '{"a":1}');
SELECT a FROM c.db.t;
-- > 1

-- ok
CREATE TABLE c.db.t (a INT) WITH ('connector' = 'values', 'rows' = '{"a":1}');
SELECT t.a FROM c.db.t;
-- > 1

-- ok
CREATE VIEW c.db.v AS SELECT 5 AS a;
SELECT a FROM c.db.v;
-- > 5

-- # a view keeps the meaning that its names had
-- ok
CREATE TABLE t (a INT) WITH ('connector' = 'values', 'rows' = '{"a":3}');
CREATE VIEW v AS SELECT a FROM t;
USE CATALOG c;
SELECT a FROM default_catalog.default_database.v;
-- > 3

-- ok
SHOW CATALOGS;
-- > c
-- > default_catalog

-- ok
USE CATALOG c;
SHOW DATABASES;
-- > db

-- ok
USE CATALOG c;
SHOW TABLES;

-- # the default catalog's names are not those of another
-- error: not found
USE CATALOG c;
SELECT * FROM default_database.t;

-- error: jdbc
CREATE CATALOG j WITH ('type' = 'jdbc', 'default-database' = 'd', 'username' = 'u', 'password' = 'p', 'base-url' = 'jdbc:postgresql://h:1');

-- error: hive
CREATE CATALOG h WITH ('type' = 'hive', 'hive-conf-dir' = '/opt/hive');

-- # our own kind, which keeps its objects in a file
-- ok
CREATE CATALOG s WITH ('type' = 'sqlite', 'path' = 's.db');
CREATE DATABASE s.d;
CREATE TABLE s.d.t (a INT) WITH ('connector' = 'values', 'rows' = '{"a":4}');
SELECT a FROM s.d.t;
-- > 4
