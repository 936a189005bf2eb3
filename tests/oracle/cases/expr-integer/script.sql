-- Integer arithmetic wraps, divides toward zero, and takes the sign of the dividend in the remainder.
CREATE TABLE t (id INT, t TINYINT, s SMALLINT, i INT, b BIGINT, d INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, a1 INT, a2 INT, a3 BIGINT, m1 INT, m2 BIGINT, n1 INT, n2 BIGINT, q INT, r INT, qb BIGINT, mixed BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE small (id INT, t1 STRING, t2 STRING, s1 STRING, ts STRING, neg STRING) WITH ('connector' = 'filesystem', 'path' = 'out/small', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT id, i + 1, i - 2, b + 1, i * 2, b * i, -i, -b, i / d, i % d, b / d, b + i * t FROM t;
  INSERT INTO small SELECT id, CAST(t + t AS STRING), CAST(t * 2 AS STRING), CAST(s + s AS STRING), CAST(t * s AS STRING), CAST(-t AS STRING) FROM t;
END;
