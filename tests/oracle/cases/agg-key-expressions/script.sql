-- Groups by expressions over the columns, and a group by without any aggregate.
CREATE TABLE t (name STRING, v INT, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE by_expr (letter STRING, kind STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/by_expr', 'format' = 'changelog-json');
CREATE TABLE by_hour (h TIMESTAMP(3), s INT) WITH ('connector' = 'filesystem', 'path' = 'out/by_hour', 'format' = 'changelog-json');
CREATE TABLE seen (name STRING) WITH ('connector' = 'filesystem', 'path' = 'out/seen', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO by_expr SELECT UPPER(SUBSTRING(name FROM 1 FOR 1)), CASE WHEN v >= 10 THEN 'big' WHEN v >= 0 THEN 'small' END, COUNT(*)
    FROM t GROUP BY UPPER(SUBSTRING(name FROM 1 FOR 1)), CASE WHEN v >= 10 THEN 'big' WHEN v >= 0 THEN 'small' END;
  INSERT INTO by_hour SELECT FLOOR(ts TO HOUR), SUM(v) FROM t GROUP BY FLOOR(ts TO HOUR);
  INSERT INTO seen SELECT name FROM t GROUP BY name;
END;
