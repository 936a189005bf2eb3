CREATE TABLE t (id INT, name STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
CREATE TABLE o (k INT, v INT) WITH ('connector' = 'blackhole');

EXECUTE STATEMENT SET BEGIN
INSERT INTO nowhere SELECT idd FROM t;
INSERT INTO o (kk, v) SELECT id, naame FROM t;
INSERT INTO o SELECT name, name FROM t;
END;
