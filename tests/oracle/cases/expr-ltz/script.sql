-- Instants shown, cast, cut and computed with in a zone with summer time, at the hours that are missing and double.
SET 'table.local-time-zone' = 'Europe/Berlin';

CREATE TABLE t (id INT, z TIMESTAMP_LTZ(3), l TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, z TIMESTAMP_LTZ(3), txt STRING, as_local TIMESTAMP(3), d DATE, h TIME(0), as_instant TIMESTAMP_LTZ(3)) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE parts (id INT, h BIGINT, dd BIGINT, fl TIMESTAMP_LTZ(3), fmt STRING, plus TIMESTAMP_LTZ(3), same BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'out/parts', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT id, z, CAST(z AS STRING), CAST(z AS TIMESTAMP(3)), CAST(z AS DATE), CAST(z AS TIME(0)), CAST(l AS TIMESTAMP_LTZ(3)) FROM t;
  INSERT INTO parts SELECT id, HOUR(z), EXTRACT(DAY FROM z), FLOOR(z TO HOUR), DATE_FORMAT(z, 'yyyy-MM-dd HH:mm'), z + INTERVAL '1' HOUR, z = CAST(l AS TIMESTAMP_LTZ(3)) FROM t;
END;
