-- VARIANT over a column: TRY_PARSE_JSON, parts by name and position, equality of equal columns, CASE, nested in ARRAY, MAP and ROW as text.
CREATE TABLE t (id INT, k STRING, v STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, j STRING, n BOOLEAN, a STRING, e STRING, same BOOLEAN, m STRING, r STRING, x STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT id, JSON_STRING(p), p IS NULL, CASE WHEN v LIKE '{%' THEN JSON_STRING(p['a']) END, CASE WHEN v LIKE '[%' THEN JSON_STRING(p[CAST(id AS INT) - 3]) END, p = TRY_PARSE_JSON(v, FALSE),
  CAST(MAP['k', p] AS STRING), CAST(ROW(p, id) AS STRING), JSON_OBJECT('d' VALUE TRY_PARSE_JSON(v, TRUE))
FROM (SELECT id, v, TRY_PARSE_JSON(v) AS p FROM t);
