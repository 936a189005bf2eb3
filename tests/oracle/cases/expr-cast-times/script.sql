-- Casts among dates, times, timestamps and strings; precisions are cut, not rounded.
CREATE TABLE t (id INT, d DATE, h TIME(0), ts TIMESTAMP(9), s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, ts0 TIMESTAMP(0), ts3 TIMESTAMP(3), ts6 TIMESTAMP(6), dd DATE, hh TIME(0), dts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE texts (id INT, d STRING, h STRING, ts9 STRING, ts3 STRING, ts0 STRING) WITH ('connector' = 'filesystem', 'path' = 'out/texts', 'format' = 'changelog-json');
CREATE TABLE parsed (id INT, d DATE, ts TIMESTAMP(3), ts9 TIMESTAMP(9)) WITH ('connector' = 'filesystem', 'path' = 'out/parsed', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT id, CAST(ts AS TIMESTAMP(0)), CAST(ts AS TIMESTAMP(3)), CAST(ts AS TIMESTAMP(6)), CAST(ts AS DATE), CAST(ts AS TIME(0)), CAST(d AS TIMESTAMP(3)) FROM t WHERE id <> 2;
  INSERT INTO texts SELECT id, CAST(d AS STRING), CAST(h AS STRING), CAST(ts AS STRING), CAST(CAST(ts AS TIMESTAMP(3)) AS STRING), CAST(CAST(ts AS TIMESTAMP(0)) AS STRING) FROM t;
  INSERT INTO parsed SELECT id, CAST(s AS DATE), CAST(s AS TIMESTAMP(3)), CAST(s AS TIMESTAMP(9)) FROM t;
END;
