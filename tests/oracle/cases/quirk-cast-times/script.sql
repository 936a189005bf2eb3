-- Before 1970 fractions are cut toward 1970, a date may be that of the next day, and few digits may survive the cut.
CREATE TABLE t (id INT, ts TIMESTAMP(9)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, ts0 TIMESTAMP(0), ts3 TIMESTAMP(3), ts6 TIMESTAMP(6), dd DATE, hh TIME(0)) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE texts (id INT, ts9 STRING, ts3 STRING, ts0 STRING) WITH ('connector' = 'filesystem', 'path' = 'out/texts', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT id, CAST(ts AS TIMESTAMP(0)), CAST(ts AS TIMESTAMP(3)), CAST(ts AS TIMESTAMP(6)), CAST(ts AS DATE), CAST(ts AS TIME(0)) FROM t;
  INSERT INTO texts SELECT id, CAST(ts AS STRING), CAST(CAST(ts AS TIMESTAMP(3)) AS STRING), CAST(CAST(ts AS TIMESTAMP(0)) AS STRING) FROM t;
END;
