-- A folder is read file by file in the order of names; hidden files are not read.
CREATE TABLE t (f STRING, n INT) WITH ('connector' = 'filesystem', 'path' = 'in/parts', 'format' = 'json');
CREATE TABLE o (f STRING, n INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE sums (s INT) WITH ('connector' = 'filesystem', 'path' = 'out/sums', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT * FROM t;
  INSERT INTO sums SELECT SUM(n) FROM t;
END;
