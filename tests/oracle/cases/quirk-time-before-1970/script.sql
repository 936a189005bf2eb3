-- Timestamps before 1970: parts are computed toward 1970 and come out negative, or are those of the next day; FLOOR to weeks and more as well.
CREATE TABLE t (id INT, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, y BIGINT, q BIGINT, mo BIGINT, d BIGINT, h BIGINT, mi BIGINT, s BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE more (id INT, w BIGINT, dow BIGINT, doy BIGINT, ms BIGINT, ep BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/more', 'format' = 'changelog-json');
CREATE TABLE floors (id INT, w TIMESTAMP(3), mo TIMESTAMP(3), q TIMESTAMP(3), y TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/floors', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT id, YEAR(ts), EXTRACT(QUARTER FROM ts), EXTRACT(MONTH FROM ts), EXTRACT(DAY FROM ts), HOUR(ts), EXTRACT(MINUTE FROM ts), EXTRACT(SECOND FROM ts) FROM t;
  INSERT INTO more SELECT id, EXTRACT(WEEK FROM ts), EXTRACT(DOW FROM ts), EXTRACT(DOY FROM ts), EXTRACT(MILLISECOND FROM ts), EXTRACT(EPOCH FROM ts) FROM t;
  INSERT INTO floors SELECT id, FLOOR(ts TO WEEK), FLOOR(ts TO MONTH), FLOOR(ts TO QUARTER), FLOOR(ts TO YEAR) FROM t;
END;
