-- Inserts only, into the plain formats.
CREATE TABLE t (id INT, name STRING, price DECIMAL(8, 3), ok BOOLEAN, d DATE, h TIME(0), ts TIMESTAMP(3), x DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE as_json (id INT, name STRING, price DECIMAL(8, 3), ok BOOLEAN, d DATE, h TIME(0), ts TIMESTAMP(3), x DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/as_json', 'format' = 'json');
CREATE TABLE as_plain (id INT, price DECIMAL(8, 3), hundreds DECIMAL(8, 0), big DECIMAL(20, 0)) WITH (
  'connector' = 'filesystem',
  'path' = 'out/as_plain',
  'format' = 'json',
  'json.encode.decimal-as-plain-number' = 'true'
);
CREATE TABLE as_csv (id INT, name STRING, price DECIMAL(8, 3), ok BOOLEAN, d DATE, h TIME(0), ts TIMESTAMP(3), x DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/as_csv', 'format' = 'csv');
CREATE TABLE as_semi (name STRING, id INT, note STRING) WITH (
  'connector' = 'filesystem',
  'path' = 'out/as_semi',
  'format' = 'csv',
  'csv.field-delimiter' = ';',
  'csv.null-literal' = 'n/a',
  'csv.quote-character' = ''''
);
CREATE TABLE as_raw (line STRING) WITH ('connector' = 'filesystem', 'path' = 'out/as_raw', 'format' = 'raw');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO as_json SELECT * FROM t;
  INSERT INTO as_plain SELECT id, price, CAST(price AS DECIMAL(5, 0)) * 100, CAST(id AS DECIMAL(20, 0)) * 100000000000 FROM t;
  INSERT INTO as_csv SELECT * FROM t;
  INSERT INTO as_semi SELECT name, id, CAST(NULL AS STRING) FROM t;
  INSERT INTO as_raw SELECT COALESCE(name, '(null)') || '=' || CAST(price AS STRING) FROM t WHERE price IS NOT NULL;
END;
