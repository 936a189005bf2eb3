-- EXPLAIN: the plan of a query, an INSERT or a statement set, and its details.

-- setup
CREATE TABLE t1 (n BIGINT, word VARCHAR(256)) WITH ('connector' = 'datagen');
CREATE TABLE t2 (n BIGINT, word VARCHAR(256)) WITH ('connector' = 'datagen');
CREATE TABLE sink (n BIGINT, c BIGINT) WITH ('connector' = 'blackhole');

-- ok
EXPLAIN SELECT n, COUNT(word) FROM (SELECT n, word FROM t1 WHERE word LIKE 'F%' UNION ALL SELECT n, word FROM t2) AS t GROUP BY n;
-- has: == Optimized Physical Plan ==
-- has: GroupAggregate(groupBy=[n]
-- has: Union(all=[true]
-- has: table=[[default_catalog, default_database, t2]]

-- ok
EXPLAIN PLAN FOR SELECT n FROM t1;
-- has: TableSourceScan(table=[[default_catalog, default_database, t1]]

-- ok
EXPLAIN CHANGELOG_MODE SELECT n, COUNT(*) FROM t1 GROUP BY n;
-- has: changelogMode=[I,U

-- ok
EXPLAIN JSON_EXECUTION_PLAN SELECT n FROM t1;
-- has: "nodes"

-- refused: EXPLAIN ESTIMATED_COST
EXPLAIN ESTIMATED_COST SELECT n FROM t1;

-- refused: EXPLAIN PLAN_ADVICE
EXPLAIN PLAN_ADVICE SELECT n, COUNT(*) FROM t1 GROUP BY n;

-- refused: EXPLAIN ESTIMATED_COST
EXPLAIN ESTIMATED_COST, CHANGELOG_MODE, PLAN_ADVICE, JSON_EXECUTION_PLAN SELECT n FROM t1;

-- ok
EXPLAIN CHANGELOG_MODE, JSON_EXECUTION_PLAN SELECT n FROM t1;
-- has: changelogMode=[I]
-- has: "nodes"

-- ok
EXPLAIN INSERT INTO sink SELECT n, COUNT(*) FROM t1 GROUP BY n;
-- has: Sink(table=[default_catalog.default_database.sink]

-- ok
EXPLAIN STATEMENT SET BEGIN
INSERT INTO sink SELECT n, 1 FROM t1;
INSERT INTO sink SELECT n, 2 FROM t1;
END;
-- has: Sink(table=[default_catalog.default_database.sink]

-- ok
EXPLAIN CREATE TABLE t3 WITH ('connector' = 'blackhole') AS SELECT n FROM t1;
-- has: Sink(table=[default_catalog.default_database.t3], fields=[n])

-- ok
EXPLAIN CREATE TABLE t3 (x INT) WITH ('connector' = 'blackhole') AS SELECT n FROM t1;
-- has: Sink(table=[default_catalog.default_database.t3], fields=[x, n])

-- # nothing is made
-- error: table "t3" not found
EXPLAIN CREATE TABLE t3 (x INT) WITH ('connector' = 'blackhole') AS SELECT n FROM t1;
DESCRIBE t3;
