-- Pattern recognition.

-- setup
CREATE TABLE ticks (symbol STRING, price INT, tax INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"symbol":"a","price":1,"tax":1,"ts":"2024-01-01 08:01:00"}');

-- refused: MATCH_RECOGNIZE
SELECT m.x, m.y FROM ticks MATCH_RECOGNIZE (
    PARTITION BY symbol ORDER BY ts MEASURES A.price AS x, B.price AS y PATTERN (A B) DEFINE A AS price = 1, B AS price = 2) AS m;

-- refused: MATCH_RECOGNIZE
SELECT * FROM ticks MATCH_RECOGNIZE (
    PARTITION BY symbol ORDER BY ts MEASURES S.ts AS s, LAST(D.ts) AS e, AVG(D.price) AS mean ONE ROW PER MATCH
    AFTER MATCH SKIP TO LAST U PATTERN (S D+ U)
    DEFINE D AS (LAST(D.price, 1) IS NULL AND D.price < S.price) OR D.price < LAST(D.price, 1), U AS U.price > LAST(D.price, 1)) AS m;

-- refused: MATCH_RECOGNIZE
SELECT * FROM ticks MATCH_RECOGNIZE (
    ORDER BY ts MEASURES FIRST(A.ts) AS s, SUM(A.price * A.tax) AS n ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW
    PATTERN (A+ B*? C? D{2} E{1,} F{1, 3}? G{, 2}) WITHIN INTERVAL '1' HOUR DEFINE A AS AVG(A.price) < 15) AS m;

-- refused: MATCH_RECOGNIZE
SELECT * FROM ticks MATCH_RECOGNIZE (
    ORDER BY ts MEASURES MATCH_ROWTIME() AS t, MATCH_PROCTIME() AS p AFTER MATCH SKIP TO NEXT ROW PATTERN (A B) DEFINE A AS A.price > 1) AS m;

-- refused: MATCH_RECOGNIZE
SELECT * FROM ticks MATCH_RECOGNIZE (
    ORDER BY ts MEASURES A.price AS x AFTER MATCH SKIP TO FIRST B PATTERN (A B C) DEFINE A AS A.price > 1) AS m;
