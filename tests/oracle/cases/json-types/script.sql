-- Every scalar type through JSON and back.
CREATE TABLE t (
  id INT, bo BOOLEAN, ti TINYINT, si SMALLINT, bi BIGINT, f FLOAT, d DOUBLE, de DECIMAL(38, 10),
  s STRING, c CHAR(4), vc VARCHAR(4), bs BYTES, da DATE, h TIME(0), t0 TIMESTAMP(0), t3 TIMESTAMP(3), t6 TIMESTAMP(6), t9 TIMESTAMP(9), z TIMESTAMP_LTZ(3)
) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (
  id INT, bo BOOLEAN, ti TINYINT, si SMALLINT, bi BIGINT, f FLOAT, d DOUBLE, de DECIMAL(38, 10),
  s STRING, c CHAR(4), vc VARCHAR(4), bs BYTES, da DATE, h TIME(0), t0 TIMESTAMP(0), t3 TIMESTAMP(3), t6 TIMESTAMP(6), t9 TIMESTAMP(9), z TIMESTAMP_LTZ(3)
) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT * FROM t;
