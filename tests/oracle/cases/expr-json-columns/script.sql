-- SQL/JSON over columns: texts that vary, values of all kinds into JSON.
CREATE TABLE t (id INT, j STRING, p STRING, a ARRAY<INT>, m MAP<STRING, STRING>, r ROW<x INT, y STRING>, d DOUBLE, c DECIMAL(8, 2), b BOOLEAN, ts TIMESTAMP(3))
WITH ('connector' = 'filesystem', 'path' = 'in/t', 'format' = 'json');
CREATE TABLE looked (id INT, v STRING, vi INT, vd STRING, ve STRING, vp STRING, q STRING, qa ARRAY<STRING>, qw STRING, x BOOLEAN, xp BOOLEAN, isj BOOLEAN)
WITH ('connector' = 'filesystem', 'path' = 'out/looked', 'format' = 'changelog-json');
CREATE TABLE built (id INT, o STRING, ab STRING, ar STRING, arn STRING, js STRING, jr STRING, jm STRING, nested STRING)
WITH ('connector' = 'filesystem', 'path' = 'out/built', 'format' = 'changelog-json');
EXECUTE STATEMENT SET BEGIN
INSERT INTO looked SELECT id, JSON_VALUE(j, '$.k'), JSON_VALUE(j, 'lax $.n' RETURNING INTEGER), JSON_VALUE(j, 'lax $.none' DEFAULT 'dflt' ON EMPTY), JSON_VALUE(j, 'strict $.none' DEFAULT 'err' ON ERROR),
  JSON_VALUE(j, 'lax $.k.deep'), JSON_QUERY(j, '$.list'), JSON_QUERY(j, '$.list' RETURNING ARRAY<STRING>), JSON_QUERY(j, '$.k' WITH ARRAY WRAPPER), JSON_EXISTS(j, '$.list[1]'), JSON_EXISTS(j, 'strict $.k.deep' TRUE ON ERROR), j IS JSON OBJECT FROM t;
INSERT INTO built SELECT id, JSON_OBJECT('id' VALUE id, 'd' VALUE d, 'c' VALUE c, 'b' VALUE b, 'ts' VALUE ts, 'p' VALUE p), JSON_OBJECT('d' VALUE d, 'p' VALUE p ABSENT ON NULL), JSON_ARRAY(id, p, b, c),
  JSON_ARRAY(id, p, b NULL ON NULL), JSON_STRING(a), JSON_STRING(r), JSON_STRING(m), JSON_OBJECT('a' VALUE a, 'in' VALUE JSON_OBJECT('r' VALUE r), 'l' VALUE JSON_ARRAY(m, d)) FROM t;
END;
