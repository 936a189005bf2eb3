-- Parts of dates, before 1970 too, and of timestamps; weeks around the new year; fractions of seconds.
CREATE TABLE t (id INT, d DATE, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, y BIGINT, q BIGINT, mo BIGINT, d BIGINT, h BIGINT, mi BIGINT, s BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE more (id INT, w BIGINT, dow BIGINT, doy BIGINT, ms BIGINT, ep BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/more', 'format' = 'changelog-json');
CREATE TABLE dates (id INT, y BIGINT, mo BIGINT, d BIGINT, w BIGINT, dow BIGINT, doy BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/dates', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT id, YEAR(ts), EXTRACT(QUARTER FROM ts), EXTRACT(MONTH FROM ts), EXTRACT(DAY FROM ts), HOUR(ts), EXTRACT(MINUTE FROM ts), EXTRACT(SECOND FROM ts) FROM t;
  INSERT INTO more SELECT id, EXTRACT(WEEK FROM ts), EXTRACT(DOW FROM ts), EXTRACT(DOY FROM ts), EXTRACT(MILLISECOND FROM ts), EXTRACT(EPOCH FROM ts) FROM t;
  INSERT INTO dates SELECT id, EXTRACT(YEAR FROM d), EXTRACT(MONTH FROM d), EXTRACT(DAY FROM d), EXTRACT(WEEK FROM d), EXTRACT(DOW FROM d), EXTRACT(DOY FROM d) FROM t;
END;
