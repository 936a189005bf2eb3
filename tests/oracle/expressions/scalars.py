#!/usr/bin/env python3
"""Prints expressions that call every scalar function with usual, empty, NULL and extreme arguments, one per line.

usage: scalars.py > expressions.txt
"""
S = ["'hello World'", "''", "'h😀llo é'", "CAST(NULL AS STRING)", "'  pad  '", "'aXbXc'", "'ÄÖß ǆ'", "'a'", "'The quick brown fox, again'"]
D = ['0', '1', '-1', '0.5', '-2.75', '2e0', '1e300', 'CAST(NULL AS DOUBLE)', '3.14159', '100', "CAST('NaN' AS DOUBLE)", 'CAST(2.5 AS FLOAT)']
N = ['0', '7', '-7', '2.5', '-2.5', '1.999', '1e0', 'CAST(NULL AS INT)', 'CAST(-128 AS TINYINT)', '9223372036854775807', 'CAST(12.345 AS DECIMAL(10, 3))', 'CAST(-1.5 AS FLOAT)']
B = ['TRUE', 'FALSE', 'CAST(NULL AS BOOLEAN)']
T = ["TIMESTAMP '2024-02-29 23:59:59.987'", "DATE '2024-02-29'", "TIMESTAMP '1969-12-31 00:00:00'", "DATE '0001-01-01'", "TIMESTAMP '9999-12-31 23:59:59.999999'", "CAST(NULL AS TIMESTAMP(3))", "TO_TIMESTAMP_LTZ(1700000000123, 3)", "DATE '2021-01-03'", "TIMESTAMP '2000-06-15 12:30:45'"]
out = []


def each(form, *pools):
    rows = [[]]
    for pool in pools:
        rows = [r + [x] for r in rows for x in pool]
    for r in rows:
        out.append(form % tuple(r))


for f in ['SQRT', 'LN', 'LOG10', 'LOG2', 'LOG', 'EXP', 'SIN', 'COS', 'TAN', 'ASIN', 'ACOS', 'ATAN', 'DEGREES', 'RADIANS', 'COT', 'SINH', 'TANH']:
    each(f + '(%s)', D)
for f in ['ABS', 'SIGN', 'FLOOR', 'CEIL', 'CEILING', 'TRUNCATE', 'ROUND']:
    each(f + '(%s)', N)
each('-(%s)', N)
for f in ['POWER(%s, %s)', 'ATAN2(%s, %s)', 'LOG(%s, %s)']:
    each(f, D[1:6], ['2', '0.5', 'CAST(NULL AS DOUBLE)'])
each('TRUNCATE(%s, %s)', ['42.324', '-42.324', '123456', '1.5e0'], ['2', '0', '-1', 'CAST(NULL AS INT)'])
each('ROUND(%s, %s)', ['42.325', '-42.325', '123456', '1.55e0'], ['2', '0', '-2', 'CAST(NULL AS INT)'])
for op in ['+', '-', '*', '/', '%%', '=', '<>', '<', '<=', '>', '>=']:
    each('%s ' + op + ' %s', ['7', '-7', '2.5', 'CAST(NULL AS INT)'], ['2', '-2.5', '3e0', 'CAST(5 AS BIGINT)'])
each('MOD(%s, %s)', ['7', '-7', '7.5', 'CAST(NULL AS INT)'], ['2', '-3', '2.5'])
for op in ['=', '<>', '<', '<=', '>', '>=']:
    each('%s ' + op + ' %s', ["'a'", "'😀'", "CAST(NULL AS STRING)"], ["'a'", "'b'", "''"])
    each('%s ' + op + ' %s', ["DATE '2020-01-01'"], ["DATE '2020-01-02'", "DATE '2019-12-31'"])
each('%s BETWEEN %s AND %s', ['2', 'CAST(NULL AS INT)', '5'], ['1', 'CAST(NULL AS INT)'], ['3', '5'])
each('%s NOT BETWEEN %s AND %s', ['2', 'CAST(NULL AS INT)', '5'], ['1', 'CAST(NULL AS INT)'], ['3', '5'])
each('%s BETWEEN SYMMETRIC %s AND %s', ['2', '9'], ['3', '1'], ['1', '5', 'CAST(NULL AS INT)'])
each('%s NOT IN (%s, %s)', ['2', 'CAST(NULL AS INT)', '5'], ['2', '1'], ['5', 'CAST(NULL AS INT)'])
each('%s IN (%s, %s)', ["'a'", "'b'", 'CAST(NULL AS STRING)'], ["'a'", "'x'"], ["'b '", 'CAST(NULL AS STRING)'])
for op in ['AND', 'OR']:
    each('%s ' + op + ' %s', B, B)
each('NOT %s', B)
each('NOT (%s AND %s)', B, B[:2])
for t in ['TRUE', 'FALSE', 'UNKNOWN']:
    for n in ['', 'NOT ']:
        each('%s IS ' + n + t, B)
        each('(%s = %s) IS ' + n + t, ['1', '2', 'CAST(NULL AS INT)'], ['1', 'CAST(NULL AS INT)'])
each('%s IS NULL', S[:4] + ['1', 'CAST(NULL AS INT)'])
each('%s IS NOT NULL', S[:4] + ['1', 'CAST(NULL AS INT)'])
for f in ['GREATEST', 'LEAST']:
    each(f + '(%s, %s, %s)', ['3', '1.5'], ['2', 'CAST(NULL AS INT)'], ['10', '-1e0'])
    each(f + '(%s, %s)', ["'a'", "'😀'"], ["'b'", "''", 'CAST(NULL AS STRING)'])
    each(f + '(%s)', ["DATE '2020-01-01', DATE '2021-01-01'", "TRUE, FALSE", "'x'"])
each('IF(%s, %s, %s)', B, ['1', 'CAST(NULL AS INT)'], ['2', '3.5'])
each('IF(%s, %s, %s)', B[:2], ["'yes'"], ["'no'", "''"])
each('COALESCE(%s, %s)', ['CAST(NULL AS INT)', '1'], ['2', '2.5', 'CAST(NULL AS INT)'])
each("COALESCE(%s, %s, 'z')", ['CAST(NULL AS STRING)', "'a'"], ['CAST(NULL AS STRING)', "'😀'"])
each('IFNULL(%s, %s)', ['CAST(NULL AS INT)', '1'], ['2', '5', 'CAST(NULL AS INT)', '7'])
each('NULLIF(%s, %s)', ['1', '2', 'CAST(NULL AS INT)'], ['1', '1.0', 'CAST(NULL AS INT)'])
each('CASE WHEN %s THEN %s ELSE %s END', B, ['1', '1.5'], ['CAST(NULL AS INT)', '10 / 0'][:1])
out += ['CASE WHEN FALSE THEN 1 / 0 ELSE 5 END', 'CASE 2 WHEN 1 THEN 1 / 0 WHEN 2 THEN 7 END', 'COALESCE(1, 1 / 0)', "CASE WHEN TRUE THEN 'a' WHEN CAST('x' AS INT) = 1 THEN 'b' END", "IF(TRUE, 1, CAST('x' AS INT))", 'FALSE AND 1 / 0 = 1', 'TRUE OR 1 / 0 = 1']
for f in ['UPPER', 'LOWER', 'INITCAP', 'CHAR_LENGTH', 'CHARACTER_LENGTH', 'TRIM', 'BTRIM', 'LTRIM', 'RTRIM', 'REVERSE', 'ASCII', 'MD5', 'SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512', 'TO_BASE64', 'HEX', 'URL_ENCODE', 'URL_DECODE', 'JSON_QUOTE', 'JSON_UNQUOTE', 'IS_ALPHA', 'IS_DIGIT', 'IS_DECIMAL']:
    each(f + '(%s)', S)
X = ["X''", "X'00FF'", "X'68656C6C6F'", 'CAST(NULL AS BYTES)', "X'F09F9880'", "X'41'", "X'C3A9'", "X'0102030405060708090A0B0C0D0E0F'"]
for f in ['MD5', 'SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512']:
    each(f + '(%s)', X)
each('SHA2(%s, %s)', S[:3], ['224', '256', '384', '512', '1', 'CAST(NULL AS INT)'])
each('SHA2(%s, %s)', X[:4], ['256', '512'])
for f in ['BTRIM', 'LTRIM', 'RTRIM']:
    each(f + '(%s, %s)', ["'xxhixx'", "'  hi '", "'😀a😀'", 'CAST(NULL AS STRING)'], ["'x'", "' '", "'😀'", "''", "'ih'"])
each('TRIM(%s)', ["LEADING 'x' FROM 'xxhix'", "TRAILING 'x' FROM 'xxhix'", "BOTH 'x' FROM 'xxhix'", "'x' FROM 'xxx'", "BOTH FROM '  a '", "LEADING FROM '  a '", "'😀' FROM '😀b😀'", "'ab' FROM 'abcab'"])
for f in ['SUBSTRING', 'SUBSTR']:
    each(f + '(%s, %s)', S[:4], ['1', '2', '0', '-2', '99', 'CAST(NULL AS INT)'])
    each(f + '(%s, %s, %s)', S[:3], ['2', '-3'], ['2', '0', '99'])
each('SUBSTRING(%s FROM %s FOR %s)', S[:3], ['1', '3'], ['2', '1'])
for f in ['LEFT', 'RIGHT', 'REPEAT']:
    each(f + '(%s, %s)', S[:4], ['2', '0', '-1', '3', 'CAST(NULL AS INT)'])
for f in ['LPAD', 'RPAD']:
    each(f + "(CAST(%s AS STRING), %s, %s)", ["'hi'", "'😀'", "''", 'NULL'], ['4', '1', '0'], ["'xy'", "'é'"])
each('CONCAT(%s, %s)', S[:4], S[:4])
each('%s || %s', S[:4], S[:3])
each('CONCAT_WS(%s, %s, %s)', ["','", "''", 'CAST(NULL AS STRING)'], S[:2] + S[3:4], S[1:4])
each('REPLACE(%s, %s, %s)', ["'aXbXc'", "'h😀llo😀'", 'CAST(NULL AS STRING)'], ["'X'", "'😀'", "''"], ["'-'", "''"])
each('POSITION(%s IN %s)', ["'X'", "'😀'", "''", 'CAST(NULL AS STRING)'], ["'aXbX'", "'h😀X'", "''"])
each('INSTR(%s, %s)', ["'aXbX'", "'h😀X'", "''", 'CAST(NULL AS STRING)'], ["'X'", "'😀'", "''"])
each('LOCATE(%s, %s)', ["'X'", "'😀'", "''"], ["'aXbX'", "'h😀X'", "''", 'CAST(NULL AS STRING)'])
each('LOCATE(%s, %s, %s)', ["'X'"], ["'aXbX'", "'😀X'"], ['1', '3', '0', '-1', '9'])
each('SPLIT_INDEX(%s, %s, %s)', ["'a,b,,c'", "'😀,é'", "''", 'CAST(NULL AS STRING)'], ["','", "',,'"], ['0', '2', '9', '-1'])
each('SPLIT_INDEX(%s, %s, %s)', ["'a,b,,c'", "'x'"], ['44', '0'], ['0', '2', '9', '-1'])
R = ["'[0-9]+'", "'([a-z])([0-9])'", "'x?'", "'('", "'^a.*c$'", 'CAST(NULL AS STRING)', "'😀|é'", "'(?i)ABC'", "'\\\\d'", "'\\d{2}'"]
RS = ["'abc123'", "'a1b22c'", "'h😀é'", "''", 'CAST(NULL AS STRING)']
for f in ['REGEXP', 'REGEXP_COUNT', 'REGEXP_INSTR', 'REGEXP_SUBSTR', 'REGEXP_EXTRACT']:
    each(f + '(%s, %s)', RS, R)
each('REGEXP_EXTRACT(%s, %s, %s)', RS[:2], R[:3], ['0', '1', '2', '3'])
each("REGEXP_REPLACE(CAST(%s AS STRING), %s, '#')", RS, R)
each('%s LIKE %s', ["'abc'", "'a_c'", "'h😀'", 'CAST(NULL AS STRING)', "''"], ["'a%%'", "'_b_'", "'h_'", "'%%'", 'CAST(NULL AS STRING)'])
each('%s NOT LIKE %s', ["'abc'", "'a_c'", "'h😀'", 'CAST(NULL AS STRING)'], ["'a%%'", "'_b_'", "'h_'"])
each("%s LIKE %s ESCAPE '!'", ["'a%%c'", "'abc'"], ["'a!%%c'", "'a!%%%%'", "'!a%%'"])
each('%s SIMILAR TO %s', ["'abc'", "'aac'", "''", 'CAST(NULL AS STRING)'], ["'a+b?c'", "'(a|b)*c'", "'%%'"])
each('%s NOT SIMILAR TO %s', ["'abc'", "'aac'", "''", 'CAST(NULL AS STRING)'], ["'a+b?c'", "'(a|b)*c'", "'%%'"])
for f in ['STARTSWITH', 'ENDSWITH']:
    each(f + '(%s, %s)', ["'h😀é'", "'abc'", "''", 'CAST(NULL AS STRING)'], ["'h😀'", "'é'", "''", "'abcd'"])
    each(f + '(%s, %s)', ["X'00FF'", "X''", 'CAST(NULL AS BYTES)'], ["X'00'", "X'FF'", "X''"])
each('ELT(%s, %s)', ['1', '2', '0', '9', 'CAST(NULL AS INT)'], ["'a', '😀'", "'x', CAST(NULL AS STRING)"])
each('ELT(%s, %s)', ['1', '2', '9'], ["X'01', X'0203'"])
each("OVERLAY(%s PLACING %s FROM %s)", ["'abcdef'", "'h😀llo'"], ["'XY'", "''"], ['2', '4', '1'])
each('TRANSLATE(%s, %s, %s)', ["'abcde'", "'h😀llo'", 'CAST(NULL AS STRING)'], ["'ae'", "'l😀'"], ["'12'", "'x'", "''"])
for v in ['VALUE', 'OBJECT', 'ARRAY', 'SCALAR']:
    each('%s IS NOT JSON ' + v, ["'{}'", "'[1]'", "'1'", "'x'", "''", 'CAST(NULL AS STRING)', "'\"s\"'", "'{\"a\":[1,{\"b\":null}]}'", "'null'"])
    each('%s IS JSON ' + v, ["'{}'", "'[1]'", "'1'", "'x'", "''", 'CAST(NULL AS STRING)', "'\"s\"'", "'null'"])
for f in ['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAYOFYEAR', 'DAYOFMONTH', 'DAYOFWEEK']:
    each(f + '(%s)', T)
for f in ['HOUR', 'MINUTE', 'SECOND']:
    each(f + '(%s)', [T[0], T[2], T[4], T[5], T[6], T[8], "TIME '01:02:03'", "TIMESTAMP '2000-01-01 00:00:59.999'"])
for u in ['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND', 'DOW', 'DOY', 'EPOCH', 'DECADE', 'CENTURY', 'MILLENNIUM', 'ISODOW', 'ISOYEAR', 'MILLISECOND', 'MICROSECOND']:
    each('EXTRACT(' + u + ' FROM %s)', [T[0], T[2], T[8]])
for u in ['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND']:
    each('FLOOR(%s TO ' + u + ')', [T[0], T[2], T[1], T[6]])
    each('CEIL(%s TO ' + u + ')', [T[0], T[2], T[1], T[6]])
    each('TIMESTAMPADD(' + u + ', %s, %s)', ['1', '-13'], [T[0], T[1], T[2]])
    each('TIMESTAMPDIFF(' + u + ', %s, %s)', [T[0], T[2]], [T[8], T[1]])
each('FROM_UNIXTIME(%s)', ['0', '1700000000', '-1', 'CAST(NULL AS BIGINT)', '253402300799'])
each('FROM_UNIXTIME(%s, %s)', ['0', '1700000000'], ["'yyyy/MM/dd'", "'HH:mm'", "'EEE d MMM'"])
each('UNIX_TIMESTAMP(%s)', ["'2024-02-29 12:00:00'", "'1970-01-01 00:00:00'", "'bad'", 'CAST(NULL AS STRING)', "'2024-02-29'", "'1969-12-31 23:59:59'"])
each("UNIX_TIMESTAMP(%s, %s)", ["'2024/02/29'", "'29.02.2024 05'"], ["'yyyy/MM/dd'", "'dd.MM.yyyy HH'"])
each('DATE_FORMAT(%s, %s)', [T[0], T[2], T[4], "'2024-02-29 01:02:03'"], ["'yyyy-MM-dd HH:mm:ss.SSS'", "'yy/M/d'", "'D'", "''"])
each('TO_DATE(%s)', ["'2024-02-29'", "'2023-02-29'", "'x'", 'CAST(NULL AS STRING)', "'0001-01-01'", "'2024-2-9'"])
each('TO_DATE(%s, %s)', ["'29.02.2024'", "'20240229'"], ["'dd.MM.yyyy'", "'yyyyMMdd'"])
each('TO_TIMESTAMP(%s)', ["'2024-02-29 01:02:03'", "'2024-02-29 01:02:03.123456'", "'2024-02-29'", "'bad'", 'CAST(NULL AS STRING)', "'2024-02-29T01:02:03'"])
each('TO_TIMESTAMP(%s, %s)', ["'29.02.2024 05:06'", "'20240229'"], ["'dd.MM.yyyy HH:mm'", "'yyyyMMdd'"])
each('TO_TIMESTAMP_LTZ(%s, %s)', ['1700000000', '1700000000123', '-1', '0', 'CAST(NULL AS BIGINT)', '1.5', '1e9'], ['0', '3'])
each('TO_TIMESTAMP_LTZ(%s)', ['1700000000123', '0', '-1', '1.9', "'2024-02-29 01:02:03'", "'bad'", 'CAST(NULL AS STRING)', "'2024-02-29 01:02:03.123'"])
each("TO_TIMESTAMP_LTZ('29.02.2024 05:06', 'dd.MM.yyyy HH:mm'%s)", ['', ", 'Asia/Tokyo'", ", 'America/New_York'", ", 'bad/zone'", ", 'UTC'"])
each('%s + %s', [T[0], T[1], "TIME '23:59:59'"], ["INTERVAL '1' DAY", "INTERVAL '2' MONTH", "INTERVAL '3' HOUR"])
each('%s - %s', [T[0], T[1]], ["INTERVAL '1' DAY", "INTERVAL '2' MONTH", "INTERVAL '3' HOUR"])
each('CONVERT_TZ(%s, %s, %s)', ["'1970-01-01 00:00:00'", "'2024-07-01 12:30:00'", "'bad'", 'CAST(NULL AS STRING)'], ["'UTC'", "'America/New_York'", "'bad/zone'"], ["'America/Los_Angeles'", "'Asia/Kolkata'"])
each('(%s, %s) OVERLAPS (%s, %s)', ["TIME '02:55:00'", "TIME '09:00:00'"], ["INTERVAL '1' HOUR", "TIME '03:55:00'"], ["TIME '03:30:00'"], ["INTERVAL '2' HOUR", "TIME '05:00:00'"])
each('(%s, %s) OVERLAPS (%s, %s)', ["DATE '2020-01-01'", "TIMESTAMP '2020-01-05 00:00:00'"], ["INTERVAL '1' DAY"], ["DATE '2020-01-02'", "TIMESTAMP '2020-01-05 12:00:00'"], ["INTERVAL '2' HOUR"])
each('PRINTF(%s)', [x.replace('%%', '%') for x in ["'%%d', 5", "'%%s-%%s', 'a', '😀'", "'%%5.2f|', 3.14159", "'%%05d', 42", "'%%x %%X', 255, 255", "'%%%%'", "'abc'", "'%%s', CAST(NULL AS STRING)", "CAST(NULL AS STRING), 1", "'%%d', 'x'", "'%%s %%d', 'a', 1", "'%%-5s|', 'ab'", "'%%,d', 1234567", "'%%e', 12345.678e0", "'%%b', TRUE", "'%%c', 65", "'%%o', 8", "'%%+d', 5", "'%%s', 1.50", "'%%s', DATE '2020-01-01'", "'%%s', 1e0", "'%%2$s %%1$s', 'a', 'b'", "'%%s'", "'%%d %%d', 1", "'', 1", "'%%.3f', 2e0", "'%%10s|', '😀'", "'%%S', 'abc'", "'%%n'", "'%%g', 0.0001e0", "'%%(d', -5", "'%% d', 5", "'%%h', 'a'", "'%%f', 1", "'%%d', 1.5", "'%%d', CAST(5 AS BIGINT)", "'%%s', TIMESTAMP '2020-01-01 00:00:00'", "'%%s', TRUE", "'%%s', ARRAY[1]"]])
each('INET_ATON(%s)', ["'192.168.1.1'", "'0.0.0.0'", "'255.255.255.255'", "'1.2.3'", "'256.1.1.1'", "'bad'", "''", 'CAST(NULL AS STRING)', "'127.1'", "'1'", "' 1.2.3.4'", "'01.02.03.04'"])
each('INET_NTOA(%s)', ['3232235777', '0', '4294967295', '4294967296', '-1', 'CAST(NULL AS BIGINT)', '1', 'CAST(16909060 AS INT)'])
each('%s', ["'a' RLIKE 'b'", "'a' NOT RLIKE 'b'", "'a' ILIKE 'A'", "TYPEOF(1, TRUE)", "TYPEOF('a', FALSE)", "TYPEOF(ARRAY[1], TRUE)", "TYPEOF(CAST(NULL AS DECIMAL(5, 2)))", "CAST(5 AS INTERVAL SECOND)", "CAST(5 AS INTERVAL DAY)", "CAST(5 AS INTERVAL YEAR)", "CAST(5 AS INTERVAL MONTH)", "CAST(-3 AS INTERVAL HOUR)", "CAST(2 AS INTERVAL MINUTE)", "CAST(INTERVAL '5' SECOND AS BIGINT)", "CAST(INTERVAL '5' DAY AS INT)", "CAST(INTERVAL '5' MONTH AS INT)", "CAST(INTERVAL '1 02:03:04.567' DAY TO SECOND AS STRING)", "CAST(INTERVAL '-1-02' YEAR TO MONTH AS STRING)", "CAST(INTERVAL '5' YEAR AS STRING)", "CAST(INTERVAL '-90' MINUTE AS STRING)", "CAST(CAST(5 AS BIGINT) AS INTERVAL SECOND)", "CAST(1.5 AS INTERVAL SECOND)", "CAST('5' AS INTERVAL SECOND)", "CURRENT_DATABASE()", "CAST(NULL AS INTERVAL SECOND)", "CAST(CAST(NULL AS INT) AS INTERVAL SECOND)", "CHR(65)", "CHR(0)", "CHR(255)", "CHR(256)", "CHR(-1)", "CHR(CAST(NULL AS INT))", "CHR(97)", "CHR(128)", "BIN(4)", "BIN(-1)", "BIN(0)", "UNHEX('4D7953514C')", "UNHEX('')", "UNHEX('GG')", "UNHEX('F')", "HEX(UNHEX('00FF'))", "PI()", "E()", "PI", "E", "DAYOFMONTH(DATE '2020-01-31') + 1", "BITAND(5, 3)", "LENGTH('a')", "DATEDIFF('2020-01-02', '2020-01-01')", "ENCODE('é😀', 'UTF-16')", "DECODE(X'C3A9', 'UTF-8')", "FROM_BASE64('aGk=')", "FROM_BASE64('')", "FROM_BASE64(TO_BASE64('😀'))", "FROM_BASE64(CAST(NULL AS STRING))", "PARSE_URL('http://u:p@h.com:80/p/a?q=1&r=2#f', 'HOST')", "PARSE_URL('http://u:p@h.com:80/p/a?q=1&r=2#f', 'QUERY', 'r')", "ROW(1, 2) IN (ROW(1, 2))", "ARRAY[1, 2][CAST(RAND() * 0 AS INT)]", "ARRAY[1, 2][CAST(RAND() * 0 AS INT) - 1]", "JSON_STRING(MAP['z', 1, 'a', 2])", "JSON_STRING(CAST(ROW(1, 2) AS ROW<q INT, p INT>))", "JSON_OBJECT('k' VALUE MAP['z', 1, 'a', 2])", "JSON_STRING(ARRAY[CAST(ROW(1, 2) AS ROW<q INT, p INT>)])", "JSON_STRING('tab\\there')", "JSON_STRING(12345678901234567890.5)", "JSON_STRING(1e-7)", "JSON_STRING(CAST(0.0000001 AS DECIMAL(10, 7)))", "JSON_STRING(CAST(1e20 AS DOUBLE))", "JSON_STRING(-0.5)", "CURRENT_WATERMARK(TIMESTAMP '2020-01-01 00:00:00')", "TO_TIMESTAMP(1700000000)", "TO_TIMESTAMP_LTZ(5, 6)", "TO_TIMESTAMP_LTZ(5, 9)", "ROW(1, 'a')[1]", "ROW(1, 'a')['EXPR$1']", "UUID() IS NULL", "CHAR_LENGTH(UUID())", "RAND(1)", "RAND_INTEGER(7, 100)", "MAP['a', 1].a", "NOT NOT TRUE", "+5", "- -5", "'a' 'b'", "_UTF8'x'", "U&'\\00e9'", "X'0' || X'1'", "X'01' || X'02'", "CONCAT(1, 'a')", "1 || 'a'", "OVERLAY('abc' PLACING 'x' FROM 0)", "SUBSTRING(X'0102' FROM 1 FOR 1)", "{fn ABS(-1)}", "LOCALTIME IS NULL", "NOW() IS NULL", "CURRENT_DATE IS NULL", "PROCTIME() IS NULL", "TRUE = 'true'", "DATE '2020-01-01' = TIMESTAMP '2020-01-01 00:00:00'"])
for n in ['', 'NOT ']:
    each('%s IS ' + n + 'DISTINCT FROM %s', ['1', 'CAST(NULL AS INT)', '2.0'], ['1', 'CAST(NULL AS INT)', '2'])
    each('%s IS ' + n + 'DISTINCT FROM %s', ["'a'", 'CAST(NULL AS STRING)'], ["'a'", "'é😀'", 'CAST(NULL AS STRING)'])
each('-(%s)', ["INTERVAL '1' DAY", "INTERVAL '-5' SECOND", "INTERVAL '14' MONTH", "INTERVAL '0' SECOND", "INTERVAL '1 02:03:04.5' DAY TO SECOND", "INTERVAL '2-03' YEAR TO MONTH", 'CAST(NULL AS INTERVAL SECOND)', "INTERVAL '999' HOUR"])
each('JSON_ARRAY(JSON(%s))', ["'1'", "'\"x\"'", "'null'", "'[]'", "'{\"b\":1,\"a\":{\"d\":1,\"c\":2}}'", "'  [ 1 , 2 ] '", "'1e5'", "'\"é😀\"'", "'x'", 'CAST(NULL AS STRING)', "'true false'"])
seen = set()
for e in out:
    if e not in seen:
        seen.add(e)
        print(e)
