-- CSV of every type, with a null literal, another separator and another quote.
CREATE TABLE t (
  id INT, bo BOOLEAN, ti TINYINT, bi BIGINT, f FLOAT, d DOUBLE, de DECIMAL(10, 3), s STRING, da DATE, h TIME(0), ts TIMESTAMP(3), z TIMESTAMP_LTZ(3)
) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.csv',
  'format' = 'csv',
  'csv.field-delimiter' = '|',
  'csv.quote-character' = '''',
  'csv.null-literal' = '-'
);
CREATE TABLE o (
  id INT, bo BOOLEAN, ti TINYINT, bi BIGINT, f FLOAT, d DOUBLE, de DECIMAL(10, 3), s STRING, da DATE, h TIME(0), ts TIMESTAMP(3), z TIMESTAMP_LTZ(3)
) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT * FROM t;
