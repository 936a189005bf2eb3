-- DELETE.

-- setup
CREATE TABLE t (who STRING, n INT) WITH ('connector' = 'filesystem', 'path' = 't', 'format' = 'csv');

-- refused: DELETE
DELETE FROM t;

-- refused: DELETE
DELETE FROM default_database.t WHERE who = 'Lili' AND n > 1;
