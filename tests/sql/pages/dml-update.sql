-- UPDATE.

-- setup
CREATE TABLE t (who STRING, item STRING, n INT) WITH ('connector' = 'filesystem', 'path' = 't', 'format' = 'csv');

-- refused: UPDATE
UPDATE t SET n = 2;

-- refused: UPDATE
UPDATE t SET `n` = `n` * 2;

-- refused: UPDATE
UPDATE default_catalog.default_database.t SET item = 'Orange', n = 1 WHERE who = 'Lili';
