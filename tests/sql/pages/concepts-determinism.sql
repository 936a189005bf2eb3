-- Determinism: functions that give another value each time, and what tells of them.

-- setup
CREATE TABLE clicks (uid VARCHAR(128), ts TIMESTAMP(3), url VARCHAR(256)) WITH ('connector' = 'values', 'rows' = '{"uid":"Mary","ts":"2022-08-22 12:00:01","url":"/home"}
{"uid":"Bob","ts":"2022-08-22 12:00:01","url":"/home"}
{"uid":"Liz","ts":"2022-08-22 12:01:00","url":"/home"}
{"uid":"Mary","ts":"2022-08-22 12:00:05","url":"/prod?id=1"}');

-- ok
SELECT * FROM clicks WHERE ts BETWEEN TIMESTAMPADD(MINUTE, -2, CURRENT_TIMESTAMP) AND CURRENT_TIMESTAMP;

-- ok
SELECT COUNT(*) FROM clicks WHERE ts < CURRENT_TIMESTAMP;
-- > 4

-- ok
SELECT CHAR_LENGTH(u), uid FROM (SELECT UUID() AS u, * FROM clicks LIMIT 3);
-- > 36 | Mary
-- > 36 | Bob
-- > 36 | Liz

-- ok
SELECT COUNT(DISTINCT u) FROM (SELECT UUID() AS u FROM clicks);
-- > 4

-- batch
SELECT COUNT(DISTINCT t) FROM (SELECT CURRENT_TIMESTAMP AS t, * FROM clicks);
-- > 1

-- ok
SELECT CURRENT_TIMESTAMP IS NULL, uid FROM clicks WHERE uid = 'Bob';
-- > FALSE | Bob

-- ok
SET 'table.optimizer.non-deterministic-update.strategy' = 'TRY_RESOLVE';
SELECT COUNT(*) FROM clicks;
-- > 4

-- refused: LEFT JOIN
SELECT o.uid, NOW() FROM clicks AS o LEFT JOIN clicks AS l ON o.uid = l.uid;
