-- Two inserts of one statement set into the same table: its rows are a set.
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (src STRING, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT 'small', k, v FROM t WHERE v < 10;
  INSERT INTO o SELECT 'odd', k, v FROM t WHERE v % 2 = 1;
END;
