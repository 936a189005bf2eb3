-- The SQL client: a first query, its commands, scripts, statement sets, jobs that go on.

-- setup
CREATE TABLE hits (page STRING, who STRING) WITH ('connector' = 'values', 'rows' = '{"page":"a","who":"x"}
{"page":"a","who":"y"}');

-- ok
SET 'execution.runtime-mode' = 'batch';
SELECT name, COUNT(*) AS cnt FROM (VALUES ('Bob'), ('Alice'), ('Bob')) AS t (name) GROUP BY name;
-- > Bob | 2
-- > Alice | 1

-- ok
SET 'sql-client.execution.result-mode' = 'tableau';
SET 'sql-client.execution.max-table-result.rows' = '10000';
SET 'sql-client.display.color-schema' = 'Dracula';
SET 'pipeline.name' = 'first job';
SET 'execution.runtime-mode' = 'streaming';
SET 'parallelism.default' = '1';
SET 'pipeline.auto-watermark-interval' = '200';
SET 'pipeline.max-parallelism' = '10';
SET 'table.exec.state.ttl' = '1000';
SET 'restart-strategy.type' = 'fixed-delay';
SET 'table.optimizer.join-reorder-enabled' = 'true';
SET 'table.dml-sync' = 'true';
SELECT COUNT(*) FROM hits;
-- > 2

-- ok
CREATE TEMPORARY VIEW v AS SELECT DISTINCT page FROM hits;
SELECT * FROM v;
-- > a

-- ok
CREATE TABLE pv (page STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'pv', 'format' = 'json');
CREATE TABLE uv (page STRING, who STRING) WITH ('connector' = 'filesystem', 'path' = 'uv', 'format' = 'json');
EXECUTE STATEMENT SET
BEGIN
INSERT INTO pv SELECT page, 1 FROM hits;
INSERT INTO uv SELECT page, who FROM hits WHERE who = 'x';
END;
SELECT page, n, '' FROM pv UNION ALL SELECT page, 0, who FROM uv;
-- > a | 1 | 
-- > a | 1 | 
-- > a | 0 | x

-- # the older form
-- ok
CREATE TABLE s (page STRING) WITH ('connector' = 'print');
BEGIN STATEMENT SET;
INSERT INTO s SELECT page FROM hits WHERE who = 'x';
END;
-- names: +I[a]

-- ok
SET;
-- any

-- ok
RESET 'pipeline.name';
RESET;

-- refused: HELP
HELP;

-- refused: CLEAR
CLEAR;

-- refused: QUIT
QUIT;

-- refused: EXECUTE PLAN
EXECUTE PLAN '/tmp/plan.json';

-- refused: COMPILE PLAN
CREATE TABLE s (page STRING) WITH ('connector' = 'print');
COMPILE PLAN '/tmp/plan.json' IF NOT EXISTS FOR INSERT INTO s SELECT page FROM hits;

-- refused: COMPILE PLAN
CREATE TABLE s (page STRING) WITH ('connector' = 'print');
COMPILE AND EXECUTE PLAN '/tmp/plan.json' FOR STATEMENT SET BEGIN
INSERT INTO s SELECT page FROM hits;
END;

-- refused: ADD JAR
ADD JAR '/path/to/j.jar';

-- refused: STOP JOB
STOP JOB '228d70913eab60dda85c5e7f78b5782c' WITH SAVEPOINT;

-- # comments of both kinds
-- ok
SELECT /* one */ COUNT(*) -- two
FROM hits;
-- > 2
