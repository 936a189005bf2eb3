-- Deduplication: the first or the last row of each key.

-- setup
CREATE TABLE t (id STRING, num INT, proc AS PROCTIME(), ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"id":"a","num":5,"ts":"2024-01-01 10:00:00"}');

-- refused: OVER
SELECT id, num FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY id ORDER BY proc ASC) AS rn FROM t) WHERE rn = 1;

-- refused: OVER
SELECT id, num FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts DESC) AS rn FROM t) WHERE rn = 1;

-- refused: QUALIFY
SELECT id, num FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts DESC) = 1;
