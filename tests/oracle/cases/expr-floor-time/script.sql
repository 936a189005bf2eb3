-- FLOOR to every unit; up to days it goes downwards before 1970 as well, and for dates always.
CREATE TABLE t (id INT, d DATE, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, s TIMESTAMP(3), mi TIMESTAMP(3), h TIMESTAMP(3), d TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE dates (id INT, mo DATE, y DATE, w DATE) WITH ('connector' = 'filesystem', 'path' = 'out/dates', 'format' = 'changelog-json');
CREATE TABLE longer (id INT, w TIMESTAMP(3), mo TIMESTAMP(3), q TIMESTAMP(3), y TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/longer', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT id, FLOOR(ts TO SECOND), FLOOR(ts TO MINUTE), FLOOR(ts TO HOUR), FLOOR(ts TO DAY) FROM t;
  INSERT INTO dates SELECT id, FLOOR(d TO MONTH), FLOOR(d TO YEAR), FLOOR(d TO WEEK) FROM t;
  INSERT INTO longer SELECT id, FLOOR(ts TO WEEK), FLOOR(ts TO MONTH), FLOOR(ts TO QUARTER), FLOOR(ts TO YEAR) FROM t WHERE ts >= TIMESTAMP '1970-01-01 00:00:00';
END;
