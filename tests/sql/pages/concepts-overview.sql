-- Streaming concepts: state by time, and how long it is kept.

-- setup
CREATE TABLE clicks (uid STRING, url STRING) WITH ('connector' = 'values', 'rows' = '{"uid":"a","url":"x"}
{"uid":"a","url":"y"}');

-- ok
SET 'table.exec.state.ttl' = '1 h';
SELECT uid, COUNT(*) FROM clicks GROUP BY uid;
-- > a | 2

-- ok
CREATE TABLE names (uid STRING, name STRING) WITH ('connector' = 'values', 'rows' = '{"uid":"a","name":"ann"}');
SELECT name, url FROM clicks JOIN names ON clicks.uid = names.uid;
-- > ann | x
-- > ann | y

-- ok
EXPLAIN CHANGELOG_MODE SELECT uid FROM clicks WHERE url = 'x';
-- has: changelogMode=[I]
