-- Functions of the system: comparison, logic, numbers, text, time, conditions, conversion, collections, JSON, rows, digests, aggregates.

-- ---- comparison ----

-- ok
SELECT 1 = 1, 1 <> 2, 2 > 1, 2 >= 2, 1 < 2, 1 <= 0;
-- > TRUE | TRUE | TRUE | TRUE | TRUE | FALSE

-- ok
SELECT 1 = CAST(NULL AS INT), CAST(NULL AS INT) IS NULL, 5 IS NOT NULL;
-- > NULL | TRUE | TRUE

-- ok
SELECT 1 IS DISTINCT FROM CAST(NULL AS INT), CAST(NULL AS INT) IS NOT DISTINCT FROM CAST(NULL AS INT), 1 IS DISTINCT FROM 1;
-- > TRUE | TRUE | FALSE

-- ok
SELECT 12 BETWEEN 15 AND 12, 12 BETWEEN SYMMETRIC 15 AND 12, 12 NOT BETWEEN SYMMETRIC 15 AND 12, 12 BETWEEN ASYMMETRIC 10 AND 15, 12 NOT BETWEEN 15 AND 12;
-- > FALSE | TRUE | FALSE | TRUE | TRUE

-- ok
SELECT 12 BETWEEN 10 AND CAST(NULL AS INT), 12 BETWEEN CAST(NULL AS INT) AND 10, 12 NOT BETWEEN CAST(NULL AS INT) AND 15, 12 NOT BETWEEN 15 AND CAST(NULL AS INT);
-- > NULL | FALSE | NULL | TRUE

-- ok
SELECT 'ab' LIKE 'a_', 'ab' LIKE 'b%', 'a%' LIKE 'a!%' ESCAPE '!', 'ab' NOT LIKE 'a%';
-- > TRUE | FALSE | TRUE | FALSE

-- ok
SELECT 'abc' SIMILAR TO 'a(b|c)+', 'abd' SIMILAR TO 'a(b|c)+', 'abd' NOT SIMILAR TO '[a-c]*';
-- > TRUE | FALSE | TRUE

-- ok
SELECT 4 IN (1, 2, 3), 1 IN (1, 2, CAST(NULL AS INT)), 4 IN (1, CAST(NULL AS INT)), 1 NOT IN (2, 3), 4 NOT IN (1, CAST(NULL AS INT));
-- > FALSE | TRUE | NULL | TRUE | NULL

-- refused: EXISTS
SELECT 1 WHERE EXISTS (SELECT 1);

-- refused: IN with a subquery
SELECT 1 IN (SELECT 1);

-- ---- logic ----

-- ok
SELECT TRUE OR CAST(NULL AS BOOLEAN), TRUE AND CAST(NULL AS BOOLEAN), NOT TRUE, NOT CAST(NULL AS BOOLEAN), FALSE AND CAST(NULL AS BOOLEAN);
-- > TRUE | NULL | FALSE | NULL | FALSE

-- ok
SELECT FALSE IS FALSE, CAST(NULL AS BOOLEAN) IS NOT FALSE, TRUE IS TRUE, CAST(NULL AS BOOLEAN) IS NOT TRUE, CAST(NULL AS BOOLEAN) IS UNKNOWN, TRUE IS NOT UNKNOWN;
-- > TRUE | TRUE | TRUE | TRUE | TRUE | TRUE

-- ---- numbers ----

-- ok
SELECT + 3, - 3, 1 + 2, 3 - 5, 2 * 3.5, 7 / 2, 7 % 3, -7 % 3, MOD(7, 3);
-- > 3 | -3 | 3 | -2 | 7.0 | 3 | 1 | -1 | 1

-- ok
SELECT 7.0 / 2, POWER(2, 10), ABS(-3), SQRT(16), LN(1), LOG10(1000), LOG2(8), LOG(1), LOG(2, 8), EXP(0);
-- > 3.500000000000 | 1024.0 | 3 | 4.0 | 0.0 | 3.0 | 3.0 | 0.0 | 3.0 | 1.0

-- ok
SELECT CEIL(1.2), CEILING(-1.2), FLOOR(1.8), FLOOR(-1.2), SIGN(-2.5), ROUND(1.255, 2), ROUND(15, -1), TRUNCATE(42.324, 2), TRUNCATE(42.324);
-- > 2 | -1 | 1 | -2 | -1.0 | 1.26 | 20 | 42.32 | 42

-- ok
SELECT SIN(0), SINH(0), COS(0), COSH(0), TAN(0), TANH(0), COT(1), ASIN(0), ACOS(1), ATAN(0), ATAN2(0, 1), DEGREES(0), RADIANS(0);
-- > 0.0 | 0.0 | 1.0 | 1.0 | 0.0 | 0.0 | 0.6420926159343306 | 0.0 | 0.0 | 0.0 | 0.0 | 0.0 | 0.0

-- ok
SELECT PI(), E(), BIN(12), HEX(20), HEX('hello'), CAST(UNHEX('41') AS STRING);
-- > 3.141592653589793 | 2.718281828459045 | 1100 | 14 | 68656C6C6F | A

-- ok
SELECT RAND() >= 0 AND RAND() < 1, RAND(7) = RAND(7), RAND_INTEGER(5) BETWEEN 0 AND 4, RAND_INTEGER(1, 5) = RAND_INTEGER(1, 5);
-- > TRUE | TRUE | TRUE | TRUE

-- ok
SELECT UUID();
-- ~ [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}

-- ok
SELECT INET_ATON('1.2.3.4'), INET_NTOA(16909060), INET_ATON('x');
-- > 16909060 | 1.2.3.4 | NULL

-- ---- text ----

-- ok
SELECT 'a' || 'b', CHAR_LENGTH('Grüße'), CHARACTER_LENGTH(''), UPPER('aB'), LOWER('aB'), POSITION('l' IN 'hello'), POSITION('x' IN 'hello');
-- > ab | 5 | 0 | AB | ab | 3 | 0

-- ok
SELECT '<' || TRIM('  a ') || '>', TRIM(BOTH 'x' FROM 'xax'), TRIM(LEADING FROM ' a'), TRIM(TRAILING 'b' FROM 'abb'), LTRIM('  a'), RTRIM('a  '), BTRIM('xax', 'x');
-- > <a> | a | a | a | a | a | a

-- ok
SELECT REPEAT('ab', 2), REGEXP_REPLACE('foobar', 'oo|ar', ''), OVERLAY('xxxxxtest' PLACING 'yy' FROM 6), OVERLAY('xxxtest' PLACING 'yy' FROM 2 FOR 1), REPLACE('ababab', 'abab', 'z');
-- > abab | fb | xxxxxyyst | xyyxtest | zab

-- ok
SELECT SUBSTRING('hello' FROM 2), SUBSTRING('hello' FROM 2 FOR 3), SUBSTR('hello', 2), SUBSTR('hello', -3, 2), LEFT('hello', 2), RIGHT('hello', 2), LEFT('a', -1);
-- > ello | ell | ello | ll | he | lo | 

-- ok
SELECT REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2), REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)'), REGEXP('abc', 'b'), REGEXP_COUNT('banana', 'an'), REGEXP_INSTR('banana', 'n'), REGEXP_SUBSTR('banana', 'n.');
-- > bar | foothebar | TRUE | 2 | 3 | na

-- ok
SELECT REGEXP_EXTRACT_ALL('a1b22', '[0-9]+'), REGEXP_EXTRACT_ALL('a1b22', '([a-z])([0-9]+)', 2), REGEXP_EXTRACT_ALL('x', '([0-9])');
-- > NULL | [1, 22] | []

-- ok
SELECT INITCAP('hello bIG world'), CONCAT('AA', 'BB', 'CC'), CONCAT('a', CAST(NULL AS STRING)), CONCAT_WS('~', 'AA', CAST(NULL AS STRING), 'BB', ''), LPAD('hi', 4, '??'), LPAD('hi', 1, '??'), RPAD('hi', 4, '??');
-- > Hello Big World | AABBCC | NULL | AA~BB~ | ??hi | h | hi??

-- ok
SELECT FROM_BASE64('aGVsbG8='), TO_BASE64('hello'), ASCII('abc'), CHR(97), CHR(353), CAST(DECODE(ENCODE('a', 'UTF-16LE'), 'UTF-16LE') AS STRING), HEX(CAST(ENCODE('b', 'UTF-8') AS STRING));
-- > hello | aGVsbG8= | 97 | a | a | a | 62

-- ok
SELECT INSTR('hello', 'l'), LOCATE('l', 'hello'), LOCATE('l', 'hello', 4), LOCATE('x', 'hello'), REVERSE('abc'), SPLIT_INDEX('a,b,c', ',', 1), SPLIT_INDEX('a', ',', -1), SPLIT('a,b', ',');
-- > 3 | 3 | 4 | 0 | cba | b | NULL | [a, b]

-- ok
SELECT PARSE_URL('http://user@ex.org:81/p/q.php?k1=v1&k2=v2#Ref', 'HOST'), PARSE_URL('http://ex.org/p?k1=v1&k2=v2', 'QUERY', 'k2'), PARSE_URL('http://ex.org/p?k=v#R', 'REF'), PARSE_URL('http://ex.org/p', 'PROTOCOL'), PARSE_URL('http://ex.org/p?k=v', 'FILE');
-- > ex.org | v2 | R | http | /p?k=v

-- ok
SELECT URL_ENCODE('a b&c'), URL_DECODE('a+b%26c'), TRANSLATE('hello', 'el', 'ip'), ELT(2, 'a', 'b'), STARTSWITH('hello', 'he'), ENDSWITH('hello', 'lo'), PRINTF('%s-%05.1f', 'a', 2.5e0);
-- > a+b%26c | a b&c | hippo | b | TRUE | TRUE | a-002.5

-- ok
SELECT STR_TO_MAP('a=1,b=2')['b'], STR_TO_MAP('a:1;b:2', ';', ':')['a'], JSON_QUOTE('a"b'), JSON_UNQUOTE('"a\"b"');
-- > 2 | 1 | "a\\"b" | a"b

-- ---- time ----

-- ok
SELECT DATE '2024-01-02', TIME '10:11:12', TIMESTAMP '2024-01-02 03:04:05.678', DATE '2024-01-31' + INTERVAL '1' MONTH, TIMESTAMP '2024-01-01 00:00:00' + INTERVAL '1 02:03:04.5' DAY TO SECOND;
-- > 2024-01-02 | 10:11:12 | 2024-01-02 03:04:05.678 | 2024-02-29 | 2024-01-02 02:03:04

-- ok
SELECT CAST(INTERVAL '10 00:00:00.004' DAY TO SECOND AS STRING), CAST(INTERVAL '10' DAY AS STRING), CAST(INTERVAL '2-10' YEAR TO MONTH AS STRING), CAST(INTERVAL '3' YEAR AS STRING), CAST(INTERVAL '-1 02:03' DAY TO MINUTE AS STRING);
-- > +10 00:00:00.004 | +10 00:00:00.000 | +2-10 | +3-00 | -1 02:03:00.000

-- ok
SELECT LOCALTIME IS NULL, LOCALTIMESTAMP IS NULL, CURRENT_TIME IS NULL, CURRENT_DATE IS NULL, CURRENT_TIMESTAMP IS NULL, NOW() IS NULL, CURRENT_ROW_TIMESTAMP() IS NULL, PROCTIME() IS NULL, UNIX_TIMESTAMP() > 1700000000;
-- > FALSE | FALSE | FALSE | FALSE | FALSE | FALSE | FALSE | FALSE | TRUE

-- ok
SELECT EXTRACT(DAY FROM DATE '2006-06-05'), EXTRACT(HOUR FROM TIMESTAMP '2024-01-02 03:04:05'), EXTRACT(DOW FROM DATE '2024-01-07'), EXTRACT(EPOCH FROM TIMESTAMP '1970-01-01 00:01:00'), EXTRACT(MILLISECOND FROM TIMESTAMP '2024-01-02 03:04:05.678');
-- > 5 | 3 | 1 | 60 | 678

-- ok
SELECT YEAR(DATE '1994-09-27'), QUARTER(DATE '1994-09-27'), MONTH(DATE '1994-09-27'), WEEK(DATE '1994-09-27'), DAYOFYEAR(DATE '1994-09-27'), DAYOFMONTH(DATE '1994-09-27'), DAYOFWEEK(DATE '1994-09-27');
-- > 1994 | 3 | 9 | 39 | 270 | 27 | 3

-- ok
SELECT HOUR(TIMESTAMP '1994-09-27 13:14:15'), MINUTE(TIMESTAMP '1994-09-27 13:14:15'), SECOND(TIMESTAMP '1994-09-27 13:14:15');
-- > 13 | 14 | 15

-- ok
SELECT FLOOR(TIME '12:44:31' TO MINUTE), CEIL(TIME '12:44:31' TO MINUTE), FLOOR(TIMESTAMP '2024-05-06 07:08:09' TO WEEK), CEIL(TIMESTAMP '2024-05-06 07:08:09' TO MONTH), FLOOR(DATE '2024-05-06' TO YEAR);
-- > 12:44:00 | 12:45:00 | 2024-05-05 00:00:00 | 2024-06-01 00:00:00 | 2024-01-01

-- ok
SELECT (TIME '2:55:00', INTERVAL '1' HOUR) OVERLAPS (TIME '3:30:00', INTERVAL '2' HOUR), (TIME '9:00:00', TIME '10:00:00') OVERLAPS (TIME '10:15:00', INTERVAL '3' HOUR);
-- > TRUE | FALSE

-- ok
SELECT DATE_FORMAT(TIMESTAMP '2024-05-06 07:08:09', 'yyyy/MM/dd HH'), DATE_FORMAT('2024-05-06 07:08:09', 'mm:ss'), TIMESTAMPADD(DAY, 1, DATE '2024-01-31'), TIMESTAMPADD(HOUR, -1, TIMESTAMP '2024-01-01 00:00:00'), TIMESTAMPDIFF(DAY, TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-03 12:00:00'), TIMESTAMPDIFF(MONTH, DATE '2024-01-31', DATE '2024-03-01');
-- > 2024/05/06 07 | 08:09 | 2024-02-01 | 2023-12-31 23:00:00 | 2 | 1

-- ok
SELECT CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles'), FROM_UNIXTIME(44), FROM_UNIXTIME(44, 'HH:mm'), UNIX_TIMESTAMP('1970-01-01 00:01:00'), TO_DATE('2024-05-06'), TO_DATE('06.05.2024', 'dd.MM.yyyy');
-- > 1969-12-31 16:00:00 | 1970-01-01 00:00:44 | 00:00 | 60 | 2024-05-06 | 2024-05-06

-- ok
SET 'table.local-time-zone' = 'Asia/Tokyo';
SELECT FROM_UNIXTIME(44);
-- > 1970-01-01 09:00:44

-- ok
SET 'table.local-time-zone' = 'Europe/Berlin';
SELECT UNIX_TIMESTAMP('1970-01-01 08:00:01.001', 'yyyy-MM-dd HH:mm:ss.SSS'), UNIX_TIMESTAMP('1970-01-01 08:00:01.001 +0800', 'yyyy-MM-dd HH:mm:ss.SSS X'), UNIX_TIMESTAMP('1970-01-01 08:00:01.001', 'yyyy-MM-dd HH:mm:ss.SSS X');
-- > 25201 | 1 | -9223372036854775808

-- ok
SELECT TO_TIMESTAMP('2024-05-06 07:08:09'), TO_TIMESTAMP('06.05.2024', 'dd.MM.yyyy'), TO_TIMESTAMP_LTZ(1, 0), TO_TIMESTAMP_LTZ(1500, 3), TO_TIMESTAMP_LTZ('2024-05-06 07:08:09'), TO_TIMESTAMP_LTZ('06.05.2024 01:00', 'dd.MM.yyyy HH:mm', 'Asia/Tokyo');
-- > 2024-05-06 07:08:09.000 | 2024-05-06 00:00:00.000 | 1970-01-01 00:00:01.000 | 1970-01-01 00:00:01.500 | 2024-05-06 07:08:09.000 | 2024-05-05 16:00:00.000

-- ok
CREATE TABLE t (ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen', 'number-of-rows' = '5');
SELECT CURRENT_WATERMARK(ts) FROM t WHERE CURRENT_WATERMARK(ts) IS NULL OR ts > CURRENT_WATERMARK(ts);
-- any

-- ---- conditions ----

-- ok
SELECT CASE 2 WHEN 1 THEN 'a' WHEN 2, 3 THEN 'b' ELSE 'c' END;
-- > b

-- ok
SELECT CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' ELSE 'c' END, CASE WHEN 1 > 2 THEN 'a' END, CASE WHEN FALSE THEN 1 WHEN TRUE THEN 2 ELSE 3 END;
-- > b | NULL | 2

-- ok
SELECT NULLIF(5, 5), NULLIF(5, 0), COALESCE(CAST(NULL AS INT), 3), IF(5 > 3, 5, 3), IFNULL(CAST(NULL AS INT), 5), GREATEST(1, 3, 2), GREATEST(1, CAST(NULL AS INT)), LEAST(2, 1);
-- > NULL | 5 | 3 | 5 | 5 | 3 | NULL | 1

-- ok
SELECT IS_ALPHA('ab'), IS_ALPHA('a1'), IS_DECIMAL('1.5'), IS_DECIMAL('x'), IS_DIGIT('12'), IS_DIGIT('1a');
-- > TRUE | FALSE | TRUE | FALSE | TRUE | FALSE

-- ---- conversion ----

-- ok
SELECT CAST('42' AS INT), TRY_CAST('x' AS INT), COALESCE(TRY_CAST('x' AS INT), 0), CAST(CAST(NULL AS INT) AS STRING);
-- > 42 | NULL | 0 | NULL

-- ok
SELECT TYPEOF(1), TYPEOF(ROW(1, 'x')), TYPEOF(ARRAY[1], TRUE), TYPEOF(CAST(NULL AS STRING)), TYPEOF(1.5), TYPEOF(TIMESTAMP '2024-01-01 00:00:00.123');
-- > INT NOT NULL | ROW<`EXPR$0` INT NOT NULL, `EXPR$1` CHAR(1) NOT NULL> NOT NULL | ARRAY<INT NOT NULL> NOT NULL | STRING | DECIMAL(2, 1) NOT NULL | TIMESTAMP(3) NOT NULL

-- ---- collections ----

-- ok
SELECT CARDINALITY(ARRAY[1, 2]), ARRAY[1, 2][2], ELEMENT(ARRAY[7]), CARDINALITY(MAP['a', 1]), MAP['a', 1]['a'], MAP['a', 1]['b'], ARRAY[ARRAY[1]];
-- > 2 | 2 | 7 | 1 | 1 | NULL | [[1]]

-- ok
SELECT ARRAY_APPEND(ARRAY[1], 2), ARRAY_CONCAT(ARRAY[1], ARRAY[2], ARRAY[1]), ARRAY_CONTAINS(ARRAY[1, 2], 2), ARRAY_DISTINCT(ARRAY[1, 2, 1]), ARRAY_EXCEPT(ARRAY[1, 2, 2], ARRAY[1]), ARRAY_INTERSECT(ARRAY[1, 2], ARRAY[2, 3]), ARRAY_JOIN(ARRAY['a', 'b'], '-');
-- > [1, 2] | [1, 2, 1] | TRUE | [1, 2] | [2] | [2] | a-b

-- ok
SELECT ARRAY_MAX(ARRAY[1, 3, 2]), ARRAY_MIN(ARRAY[1, 3, 2]), ARRAY_POSITION(ARRAY['a', 'b'], 'b'), ARRAY_PREPEND(ARRAY[1], 0), ARRAY_REMOVE(ARRAY[1, 2, 1], 1), ARRAY_REVERSE(ARRAY[1, 2]), ARRAY_SLICE(ARRAY[1, 2, 3, 4], 2, 3), ARRAY_SLICE(ARRAY[1, 2, 3], -2);
-- > 3 | 1 | 2 | [0, 1] | [2] | [2, 1] | [2, 3] | [2, 3]

-- ok
SELECT ARRAY_SORT(ARRAY[2, 3, 1]), ARRAY_SORT(ARRAY[2, 3, 1], FALSE), ARRAY_UNION(ARRAY[1, 2], ARRAY[2, 3]), ARRAY_JOIN(ARRAY['a', CAST(NULL AS STRING)], '-', '?'), MAP_ENTRIES(MAP['a', 1]);
-- > [1, 2, 3] | [3, 2, 1] | [1, 2, 3] | a-? | [(a, 1)]

-- ok
SELECT MAP_FROM_ARRAYS(ARRAY['a'], ARRAY[1]), MAP_KEYS(MAP['a', 1]), MAP_VALUES(MAP['a', 1]), MAP_UNION(MAP['a', 1], MAP['a', 2]), SPLIT('ab', '');
-- > {a=1} | [a] | [1] | {a=2} | [a, b]

-- error: ELEMENT of a list with 2 elements
SELECT ELEMENT(ARRAY[1, 2]);

-- ---- JSON ----

-- ok
SELECT '1' IS JSON, '[]' IS JSON VALUE, 'abc' IS JSON, '1' IS JSON SCALAR, '{}' IS JSON ARRAY, '{}' IS JSON OBJECT, '{}' IS NOT JSON;
-- > TRUE | TRUE | FALSE | TRUE | FALSE | TRUE | FALSE

-- ok
SELECT JSON_EXISTS('{"a": true}', '$.a'), JSON_EXISTS('{"a": true}', '$.b'), JSON_EXISTS('{"a": [{"b": 1}]}', '$.a[0].b'), JSON_EXISTS('{"a": true}', 'strict $.b' TRUE ON ERROR), JSON_EXISTS('{"a": true}', 'strict $.b' FALSE ON ERROR);
-- > TRUE | FALSE | TRUE | TRUE | FALSE

-- ok
SELECT JSON_STRING(CAST(NULL AS INT)), JSON_STRING(1), JSON_STRING(TRUE), JSON_STRING('a'), JSON_STRING(ARRAY[1, 2]);
-- > NULL | 1 | true | "a" | [1,2]

-- ok
SELECT JSON_VALUE('{"a": true}', '$.a'), JSON_VALUE('{"a": true}', '$.a' RETURNING BOOLEAN), JSON_VALUE('{"a.b": [0.5]}', '$["a.b"][0]' RETURNING DOUBLE);
-- > true | TRUE | 0.5

-- # the result is a text
-- ok
SELECT JSON_VALUE('{"a": true}', 'lax $.b' DEFAULT FALSE ON EMPTY), JSON_VALUE('{"a": true}', 'strict $.b' DEFAULT FALSE ON ERROR);
-- > false | false

-- ok
SELECT JSON_VALUE('{"a.b": [0.5]}', '$.["a.b"][0]' RETURNING DOUBLE), JSON_VALUE('{"a b": "right"}', '$.[''a b'']');
-- > 0.5 | right

-- ok
SELECT JSON_VALUE('{"a b": "right"}', 'strict $[''a b'']' NULL ON EMPTY DEFAULT 'wrong' ON ERROR), JSON_VALUE('{"a b": 1}', 'strict $.x' NULL ON EMPTY DEFAULT 'wrong' ON ERROR);
-- > right | wrong

-- ok
SELECT JSON_VALUE('{"a": 7}', '$.a' RETURNING INTEGER), JSON_VALUE('{"a": 7}', 'lax $.b' NULL ON EMPTY), JSON_VALUE('{"a": 7}', 'lax $.b' DEFAULT 'e' ON EMPTY DEFAULT 'x' ON ERROR);
-- > 7 | NULL | e

-- error: JSON_VALUE
SELECT JSON_VALUE('{"a": 7}', 'lax $.b' ERROR ON EMPTY);

-- ok
SELECT JSON_QUERY('{"a": {"b": 1}}', '$.a'), JSON_QUERY('[1, 2]', '$'), JSON_QUERY(CAST(NULL AS STRING), '$'), JSON_QUERY('{"a":[{"c":"c1"},{"c":"c2"}]}', 'lax $.a[*].c');
-- > {"b":1} | [1,2] | NULL | ["c1","c2"]

-- ok
SELECT JSON_QUERY('{}', '$' WITH CONDITIONAL ARRAY WRAPPER), JSON_QUERY('[1, 2]', '$' WITH UNCONDITIONAL ARRAY WRAPPER), JSON_QUERY('1', '$'), JSON_QUERY('1', '$' WITH CONDITIONAL WRAPPER), JSON_QUERY('{}', 'lax $.x' EMPTY OBJECT ON EMPTY), JSON_QUERY('{}', 'strict $.x' EMPTY ARRAY ON ERROR);
-- > [{}] | [[1,2]] | NULL | [1] | {} | []

-- ok
SELECT JSON_QUERY('{"a": ["x", "y"]}', '$.a' RETURNING ARRAY<STRING>), JSON_QUERY('{"a": 1}', '$.a' WITHOUT ARRAY WRAPPER);
-- > [x, y] | NULL

-- ok
SELECT JSON_OBJECT(), JSON_OBJECT('k' VALUE 'v', 'l' VALUE 2), JSON_OBJECT(KEY 'k' VALUE CAST(NULL AS STRING) NULL ON NULL), JSON_OBJECT(KEY 'k' VALUE CAST(NULL AS STRING) ABSENT ON NULL), JSON_OBJECT(KEY 'k' VALUE JSON_OBJECT(KEY 'l' VALUE 'v'));
-- > {} | {"k":"v","l":2} | {"k":null} | {} | {"k":{"l":"v"}}

-- ok
SELECT JSON_ARRAY(), JSON_ARRAY(1, '2'), JSON_ARRAY(CAST(NULL AS STRING) NULL ON NULL), JSON_ARRAY(CAST(NULL AS STRING) ABSENT ON NULL), JSON_ARRAY(JSON_ARRAY(1)), JSON_OBJECT('j' VALUE JSON('[1, 2]'));
-- > [] | [1,"2"] | [null] | [] | [[1]] | {"j":[1,2]}

-- ---- rows ----

-- ok
SELECT (1, 'a'), ROW(1, 'a'), ROW(1, ROW(2, 3));
-- > (1, a) | (1, a) | (1, (2, 3))

-- ok
SELECT t.r.a, r.b FROM (SELECT CAST(ROW(1, 'x') AS ROW<a INT, b STRING>) AS r) AS t;
-- > 1 | x

-- ok
SELECT t.r.* FROM (SELECT CAST(ROW(1, 'x') AS ROW<a INT, b STRING>) AS r) AS t;
-- names: a | b
-- > 1 | x

-- ---- digests ----

-- ok
SELECT MD5('a'), SHA1('a');
-- > 0cc175b9c0f1b6a831c399e269772661 | 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8

-- ok
SELECT SHA224('a'), SHA256('a') = SHA2('a', 256), CHAR_LENGTH(SHA384('a')), CHAR_LENGTH(SHA512('a')), SHA2(CAST(NULL AS STRING), 256);
-- > abd37534c7d9a2efb9465de931cd7055ffdb8879563ae98078d6d6d5 | TRUE | 96 | 128 | NULL

-- ---- aggregates ----

-- setup
CREATE VIEW t AS SELECT * FROM (VALUES (1, 'x'), (3, 'y'), (3, 'z')) AS v (a, b);

-- ok
SELECT COUNT(*), COUNT(1), COUNT(ALL a), COUNT(DISTINCT a), AVG(a), AVG(DISTINCT a), SUM(ALL a), SUM(DISTINCT a), MAX(DISTINCT a), MIN(a) FROM t;
-- > 3 | 3 | 3 | 2 | 2 | 2 | 7 | 4 | 3 | 1

-- # the population variance of 1, 3, 3 is 8/9, that of a sample 4/3
-- ok
SELECT ROUND(STDDEV_POP(CAST(a AS DOUBLE)), 6), ROUND(STDDEV_SAMP(CAST(a AS DOUBLE)), 6), ROUND(VAR_POP(CAST(a AS DOUBLE)), 6), ROUND(VAR_SAMP(CAST(a AS DOUBLE)), 6), ROUND(VARIANCE(CAST(a AS DOUBLE)), 6) FROM t;
-- > 0.942809 | 1.154701 | 0.888889 | 1.333333 | 1.333333

-- ok
SELECT FIRST_VALUE(b), LAST_VALUE(b), LISTAGG(b), LISTAGG(b, ';'), ARRAY_AGG(a), ARRAY_AGG(DISTINCT a), CAST(COLLECT(a) AS STRING) FROM t;
-- > x | z | x,y,z | x;y;z | [1, 3, 3] | [1, 3] | {1=1, 3=2}

-- ok
SELECT JSON_ARRAYAGG(a), JSON_OBJECTAGG(KEY b VALUE a), JSON_ARRAYAGG(NULLIF(a, 3) NULL ON NULL), JSON_OBJECTAGG(b VALUE NULLIF(a, 3) ABSENT ON NULL) FROM t;
-- > [1,3,3] | {"x":1,"y":3,"z":3} | [1,null,null] | {"x":1}

-- ok
SELECT PERCENTILE(a, 0.5), PERCENTILE(a, ARRAY[0.5, 1.0]), SUM(a) FILTER (WHERE a > 1), COUNT(DISTINCT a) FILTER (WHERE a > 1) FROM t;
-- > 3.0 | [3.0, 3.0] | 6 | 1

-- ok
SELECT b, GROUPING(b), GROUPING_ID(b), GROUP_ID(), COUNT(*) FROM t WHERE a = 1 GROUP BY ROLLUP (b);
-- > x | 0 | 0 | 0 | 1
-- > NULL | 1 | 1 | 0 | 1

-- refused: aggregate function APPROX_COUNT_DISTINCT
SELECT APPROX_COUNT_DISTINCT(a) FROM t;

-- refused: OVER
SELECT RANK() OVER (ORDER BY a), DENSE_RANK() OVER (ORDER BY a), ROW_NUMBER() OVER (ORDER BY a) FROM t;

-- refused: OVER
SELECT LEAD(a, 1, 0) OVER (ORDER BY a), LAG(a) OVER (ORDER BY a), CUME_DIST() OVER (ORDER BY a), PERCENT_RANK() OVER (ORDER BY a), NTILE(2) OVER (ORDER BY a) FROM t;

-- ---- the catalog ----

-- ok
SELECT CURRENT_DATABASE();
-- > default_database

-- ---- VARIANT, BITMAP, structured types ----

-- ok
SELECT PARSE_JSON('{"a": 1}');
-- > {"a":1}

-- ok
SELECT TRY_PARSE_JSON('{"a": 1');
-- > NULL

-- ok
SELECT BITMAP_CARDINALITY(BITMAP_BUILD(ARRAY[1, 2]));
-- > 2

-- ok
SELECT BITMAP_BUILD_AGG(a) FROM t;
-- any

-- ok
SELECT OBJECT_OF('com.example.User', 'name', 'Bob', 'age', 42);
-- any

-- ok
SELECT OBJECT_UPDATE(OBJECT_OF('com.example.User', 'name', 'Bob'), 'name', 'Eve');
-- any

-- error: the bytes are no Roaring bitmap
SELECT BITMAP_FROM_BYTES(X'00');

-- ok
SELECT BITMAP_AND(BITMAP_BUILD(ARRAY[1]), BITMAP_BUILD(ARRAY[2]));
-- any

-- ok
SELECT BITMAP_ANDNOT(BITMAP_BUILD(ARRAY[1]), BITMAP_BUILD(ARRAY[2]));
-- any

-- ok
SELECT BITMAP_OR(BITMAP_BUILD(ARRAY[1]), BITMAP_BUILD(ARRAY[2]));
-- any

-- ok
SELECT BITMAP_XOR(BITMAP_BUILD(ARRAY[1]), BITMAP_BUILD(ARRAY[2]));
-- any

-- ok
SELECT BITMAP_TO_ARRAY(BITMAP_BUILD(ARRAY[1])), BITMAP_TO_BYTES(BITMAP_BUILD(ARRAY[1])), BITMAP_TO_STRING(BITMAP_BUILD(ARRAY[1]));
-- any

-- ok
SELECT BITMAP_BUILD_CARDINALITY_AGG(a) FROM t;
-- any

-- error: it takes a BITMAP
SELECT BITMAP_AND_AGG(a) FROM t;

-- error: it takes a BITMAP
SELECT BITMAP_AND_CARDINALITY_AGG(a) FROM t;

-- error: it takes a BITMAP
SELECT BITMAP_OR_AGG(a) FROM t;

-- error: it takes a BITMAP
SELECT BITMAP_OR_CARDINALITY_AGG(a) FROM t;

-- error: it takes a BITMAP
SELECT BITMAP_XOR_AGG(a) FROM t;

-- error: it takes a BITMAP
SELECT BITMAP_XOR_CARDINALITY_AGG(a) FROM t;
