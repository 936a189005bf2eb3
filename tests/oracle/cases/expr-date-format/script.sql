-- DATE_FORMAT and TO_TIMESTAMP; text that does not fit gives NULL.
CREATE TABLE t (id INT, ts TIMESTAMP(3), s STRING, g STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE formatted (id INT, a STRING, b STRING, c STRING, d STRING) WITH ('connector' = 'filesystem', 'path' = 'out/formatted', 'format' = 'changelog-json');
CREATE TABLE parsed (id INT, a TIMESTAMP(3), b TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/parsed', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO formatted SELECT id, DATE_FORMAT(ts, 'yyyy-MM-dd HH:mm:ss.SSS'), DATE_FORMAT(ts, 'dd/MM/yy'), DATE_FORMAT(ts, 'yyyyMMddHH'), DATE_FORMAT(ts, 'HH:mm') FROM t;
  INSERT INTO parsed SELECT id, TO_TIMESTAMP(s), TO_TIMESTAMP(g, 'dd.MM.yyyy HH:mm') FROM t;
END;
