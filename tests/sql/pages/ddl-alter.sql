-- ALTER: tables, views, databases, catalogs, functions and models.

-- setup
CREATE TABLE t (id BIGINT, item STRING, n INT, ts TIMESTAMP(3)) WITH ('connector' = 'datagen', 'rows-per-second' = '7');

-- ok
ALTER TABLE t ADD kind STRING COMMENT 'a kind';
DESCRIBE t;
-- > id | BIGINT | TRUE | NULL | NULL | NULL | NULL
-- > item | STRING | TRUE | NULL | NULL | NULL | NULL
-- > n | INT | TRUE | NULL | NULL | NULL | NULL
-- > ts | TIMESTAMP(3) | TRUE | NULL | NULL | NULL | NULL
-- > kind | STRING | TRUE | NULL | NULL | NULL | a kind

-- ok
ALTER TABLE t ADD (nr INT COMMENT 'x' FIRST, m AS n + 1 AFTER n, PRIMARY KEY (id) NOT ENFORCED, WATERMARK FOR ts AS ts - INTERVAL '3' SECOND);
DESCRIBE t;
-- > nr | INT | TRUE | NULL | NULL | NULL | x
-- > id | BIGINT | FALSE | PRI(id) | NULL | NULL | NULL
-- > item | STRING | TRUE | NULL | NULL | NULL | NULL
-- > n | INT | TRUE | NULL | NULL | NULL | NULL
-- > m | INT | TRUE | NULL | AS `n` + 1 | NULL | NULL
-- > ts | TIMESTAMP(3) *ROWTIME* | TRUE | NULL | NULL | `ts` - INTERVAL '3' SECOND | NULL

-- ok
ALTER TABLE t ADD x INT METADATA FROM 'k' VIRTUAL;
SHOW COLUMNS FROM t LIKE 'x';
-- > x | INT | TRUE | NULL | METADATA FROM 'k' VIRTUAL | NULL

-- error: exists already
ALTER TABLE t ADD item INT;

-- error: "t" is not partitioned
ALTER TABLE t ADD PARTITION (p1 = 1, p2 = 'a') WITH ('k' = 'v');

-- ok
CREATE TABLE p (a INT, dt STRING, hr INT) PARTITIONED BY (dt, hr) WITH ('connector' = 'blackhole');
ALTER TABLE p ADD PARTITION (dt = 'a/b=c', hr = -1) WITH ('k' = 'v') PARTITION (hr = 1, dt = 'it''s');
ALTER TABLE p ADD IF NOT EXISTS PARTITION (dt = 'it''s', hr = '1') PARTITION (dt = 5, hr = '7');
SHOW PARTITIONS p;
-- > dt=a/b=c/hr=-1
-- > hr=1/dt=it's
-- > dt=5/hr=7

-- error: partition hr=1/dt=x of table "p" exists already
CREATE TABLE p (a INT, dt STRING, hr INT) PARTITIONED BY (dt, hr) WITH ('connector' = 'blackhole');
ALTER TABLE p ADD PARTITION (dt = 'x', hr = 1) PARTITION (hr = 1, dt = 'x');

-- error: partition dt=x of table "p" does not have the columns of PARTITIONED BY
CREATE TABLE p (a INT, dt STRING, hr INT) PARTITIONED BY (dt, hr) WITH ('connector' = 'blackhole');
ALTER TABLE p ADD PARTITION (dt = 'x');

-- error: partition DT=x/HR=1 of table "p" does not have the columns of PARTITIONED BY
CREATE TABLE p (a INT, dt STRING, hr INT) PARTITIONED BY (dt, hr) WITH ('connector' = 'blackhole');
ALTER TABLE p ADD PARTITION (DT = 'x', HR = 1);

-- error: the value of a partition is a text or a number
CREATE TABLE p (a INT, dt STRING, hr INT) PARTITIONED BY (dt, hr) WITH ('connector' = 'blackhole');
ALTER TABLE p ADD PARTITION (dt = NULL, hr = 1);

-- error: "tp" is temporary and has no partitions
CREATE TEMPORARY TABLE tp (a INT, dt STRING) PARTITIONED BY (dt) WITH ('connector' = 'blackhole');
ALTER TABLE tp ADD PARTITION (dt = 'x');

-- # they stay when the table is altered or renamed
-- ok
CREATE TABLE p (a INT, dt STRING, hr INT) PARTITIONED BY (dt, hr) WITH ('connector' = 'blackhole');
ALTER TABLE p ADD PARTITION (dt = 'x', hr = 1);
ALTER TABLE p SET ('connector' = 'print');
ALTER TABLE p RENAME TO q;
SHOW PARTITIONS q;
-- > dt=x/hr=1

-- ok
CREATE TABLE p (a INT, dt STRING, hr INT) PARTITIONED BY (dt, hr) WITH ('connector' = 'blackhole');
ALTER TABLE p ADD PARTITION (dt = 'x', hr = 1);
CREATE TABLE l LIKE p;
SHOW PARTITIONS l;

-- ok
ALTER TABLE t ADD DISTRIBUTION BY HASH(id) INTO 4 BUCKETS;
SHOW CREATE TABLE t;
-- has: DISTRIBUTED BY HASH(`id`) INTO 4 BUCKETS

-- ok
ALTER TABLE t ADD DISTRIBUTION BY (id) INTO 4 BUCKETS;
SHOW CREATE TABLE t;
-- has: DISTRIBUTED BY (`id`) INTO 4 BUCKETS

-- ok
ALTER TABLE t ADD DISTRIBUTION BY (id);
SHOW CREATE TABLE t;
-- has: DISTRIBUTED BY (`id`)

-- ok
ALTER TABLE t ADD DISTRIBUTION INTO 4 BUCKETS;
ALTER TABLE t MODIFY DISTRIBUTION INTO 3 BUCKETS;
SHOW CREATE TABLE t;
-- has: DISTRIBUTED INTO 3 BUCKETS

-- ok
ALTER TABLE t ADD DISTRIBUTION INTO 4 BUCKETS;
ALTER TABLE t DROP DISTRIBUTION;
DESCRIBE t;
-- any

-- ok
ALTER TABLE t MODIFY n DOUBLE COMMENT 'bytes' AFTER id;
DESCRIBE t;
-- > id | BIGINT | TRUE | NULL | NULL | NULL | NULL
-- > n | DOUBLE | TRUE | NULL | NULL | NULL | bytes
-- > item | STRING | TRUE | NULL | NULL | NULL | NULL
-- > ts | TIMESTAMP(3) | TRUE | NULL | NULL | NULL | NULL

-- ok
ALTER TABLE t ADD (PRIMARY KEY (id) NOT ENFORCED, WATERMARK FOR ts AS ts - INTERVAL '1' HOUR);
ALTER TABLE t MODIFY (n DOUBLE NOT NULL, item STRING COMMENT 'i' FIRST, PRIMARY KEY (item) NOT ENFORCED, WATERMARK FOR ts AS ts);
SHOW COLUMNS FROM t NOT LIKE 'ts';
-- > item | STRING | FALSE | PRI(item) | NULL | NULL | i
-- > id | BIGINT | FALSE | NULL | NULL | NULL | NULL
-- > n | DOUBLE | FALSE | NULL | NULL | NULL | NULL

-- error: watermark
ALTER TABLE t MODIFY WATERMARK FOR ts AS ts;

-- ok
ALTER TABLE t DROP n;
DESCRIBE t;
-- > id | BIGINT | TRUE | NULL | NULL | NULL
-- > item | STRING | TRUE | NULL | NULL | NULL
-- > ts | TIMESTAMP(3) | TRUE | NULL | NULL | NULL

-- ok
ALTER TABLE t DROP (n, ts, item);
DESCRIBE t;
-- > id | BIGINT | TRUE | NULL | NULL | NULL

-- # columns of a key stay NOT NULL
-- ok
ALTER TABLE t ADD CONSTRAINT pk PRIMARY KEY (id) NOT ENFORCED;
ALTER TABLE t DROP PRIMARY KEY;
SHOW COLUMNS FROM t LIKE 'id';
-- > id | BIGINT | FALSE | NULL | NULL | NULL

-- ok
ALTER TABLE t ADD CONSTRAINT pk PRIMARY KEY (id) NOT ENFORCED;
ALTER TABLE t DROP CONSTRAINT pk;
SHOW COLUMNS FROM t LIKE 'id';
-- > id | BIGINT | FALSE | NULL | NULL | NULL

-- ok
ALTER TABLE t ADD WATERMARK FOR ts AS ts;
ALTER TABLE t DROP WATERMARK;
SHOW COLUMNS FROM t LIKE 'ts';
-- > ts | TIMESTAMP(3) | TRUE | NULL | NULL | NULL

-- error: partition id=1 of table "t" does not exist
ALTER TABLE t DROP PARTITION (`id` = 1);

-- ok
ALTER TABLE t DROP IF EXISTS PARTITION (`id` = 1), PARTITION (`id` = 2);

-- ok
CREATE TABLE p (a INT, dt STRING, hr INT) PARTITIONED BY (dt, hr) WITH ('connector' = 'blackhole');
ALTER TABLE p ADD PARTITION (dt = 'x', hr = 1) PARTITION (dt = 'x', hr = 2) PARTITION (dt = 'y', hr = 2);
ALTER TABLE p DROP PARTITION (hr = 1, dt = 'x'), PARTITION (dt = 'y', hr = 2);
SHOW PARTITIONS p;
-- > dt=x/hr=2

-- error: partition dt=x of table "p" does not exist
CREATE TABLE p (a INT, dt STRING, hr INT) PARTITIONED BY (dt, hr) WITH ('connector' = 'blackhole');
ALTER TABLE p ADD PARTITION (dt = 'x', hr = 1);
ALTER TABLE p DROP PARTITION (dt = 'x');

-- ok
ALTER TABLE t RENAME item TO product;
SHOW COLUMNS FROM t LIKE 'p%';
-- > product | STRING | TRUE | NULL | NULL | NULL

-- ok
ALTER TABLE t RENAME TO u;
SHOW TABLES;
-- > u

-- # as in Flink the table stays in its database
-- ok
CREATE DATABASE d;
ALTER TABLE t RENAME TO d.u;
SHOW TABLES;
-- > u

-- ok
ALTER TABLE t RENAME TO other.nothing.u;
SHOW TABLES;
-- > u

-- ok
ALTER TABLE IF EXISTS nothing ADD x INT;
SHOW TABLES;
-- > t

-- error: not
ALTER TABLE nothing ADD x INT;

-- ok
ALTER TABLE t SET ('rows-per-second' = '10', 'number-of-rows' = '3');
SHOW CREATE TABLE t;
-- has: 'number-of-rows' = '3'
-- has: 'rows-per-second' = '10'

-- ok
ALTER TABLE t SET ('rows-per-second' = '10', 'rows-per-second' = '20');
SHOW CREATE TABLE t;
-- has: 'rows-per-second' = '20'

-- ok
ALTER TABLE t SET ();
SHOW CREATE TABLE t;
-- has: 'rows-per-second' = '7'

-- ok
ALTER TABLE t SET ('number-of-rows' = '2');
ALTER TABLE t RESET ('rows-per-second', 'no-such-key');
SELECT COUNT(*) FROM t;
-- > 2

-- error: RESET
ALTER TABLE t RESET ();

-- error: connector
ALTER TABLE t RESET ('connector');

-- ok
CREATE VIEW v AS SELECT 1 AS a;
ALTER VIEW v RENAME TO w;
SHOW VIEWS;
-- > w

-- ok
CREATE VIEW v AS SELECT 1 AS a;
ALTER VIEW default_catalog.default_database.v AS SELECT 2 AS b;
SELECT * FROM v;
-- names: b
-- > 2

-- ok
CREATE DATABASE d WITH ('a' = '1');
ALTER DATABASE d SET ('a' = '2', 'b' = '3');
SHOW DATABASES LIKE 'd';
-- > d

-- error: not
ALTER DATABASE nothing SET ('a' = '2');

-- refused: ALTER FUNCTION
ALTER FUNCTION f AS 'com.example.G';

-- refused: ALTER FUNCTION
ALTER TEMPORARY SYSTEM FUNCTION IF EXISTS f AS 'pkg.g' LANGUAGE PYTHON;

-- ok
CREATE CATALOG c WITH ('type' = 'generic_in_memory');
ALTER CATALOG c SET ('default-database' = 'db');
DESC CATALOG EXTENDED c;
-- > name | c
-- > type | generic_in_memory
-- > comment | NULL
-- > option:default-database | db

-- ok
CREATE CATALOG c WITH ('type' = 'generic_in_memory', 'default-database' = 'db');
ALTER CATALOG c RESET ('default-database');
DESC CATALOG EXTENDED c;
-- > name | c
-- > type | generic_in_memory
-- > comment | NULL

-- ok
CREATE CATALOG c WITH ('type' = 'generic_in_memory');
ALTER CATALOG c COMMENT 'it''s';
DESC CATALOG c;
-- > name | c
-- > type | generic_in_memory
-- > comment | it's

-- refused: ALTER MODEL
ALTER MODEL m SET ('k' = 'v', 'l' = 'w');

-- refused: ALTER MODEL
ALTER MODEL IF EXISTS m RESET ('k', 'l');

-- refused: ALTER MODEL
ALTER MODEL m RENAME TO n;
