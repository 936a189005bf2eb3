-- The same on a stream of inserts only, with distincts on different columns and on an expression.
CREATE TABLE t (k STRING, a STRING, b INT, ok BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE r (k STRING, da BIGINT, db BIGINT, dl BIGINT, dok BIGINT, hi INT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');

INSERT INTO r SELECT k, COUNT(DISTINCT a), COUNT(DISTINCT b) FILTER (WHERE ok), COUNT(DISTINCT CHAR_LENGTH(a)), COUNT(DISTINCT ok), MAX(b)
FROM t GROUP BY k;
