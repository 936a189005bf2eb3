-- Time travel: a table as it was.

-- setup
CREATE TABLE t (id INT) WITH ('connector' = 'values', 'rows' = '{"id":1}');

-- refused: FOR SYSTEM_TIME AS OF
SELECT id FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2023-07-31 00:00:00';

-- refused: FOR SYSTEM_TIME AS OF
SELECT id FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2023-07-31 00:00:00' - INTERVAL '1' DAY;

-- refused: FOR SYSTEM_TIME AS OF
SELECT id FROM t FOR SYSTEM_TIME AS OF TO_TIMESTAMP_LTZ(0, 3);
