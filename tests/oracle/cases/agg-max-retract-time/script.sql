-- Minimum and maximum of dates, times and timestamps, before 1970 too, with retractions.
CREATE TABLE t (k INT, d DATE, h TIME(0), ts TIMESTAMP(3), f TIMESTAMP(9)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE latest (k INT, d DATE, h TIME(0), ts TIMESTAMP(3), f TIMESTAMP(9)) WITH ('connector' = 'filesystem', 'path' = 'out/latest', 'format' = 'changelog-json');
CREATE TABLE earliest (k INT, d DATE, h TIME(0), ts TIMESTAMP(3), f TIMESTAMP(9)) WITH ('connector' = 'filesystem', 'path' = 'out/earliest', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO latest SELECT k, MAX(d), MAX(h), MAX(ts), MAX(f) FROM t GROUP BY k;
  INSERT INTO earliest SELECT k, MIN(d), MIN(h), MIN(ts), MIN(f) FROM t GROUP BY k;
END;
