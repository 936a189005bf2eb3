#!/usr/bin/env python3
"""Prints expressions over JSON, one per line.

usage: sqljson.py > expressions.txt
"""
out=[]
def o(x): out.append(x)
J=["'{\"a\": 1, \"b\": \"x\", \"c\": true, \"d\": null, \"e\": [1, 2, {\"f\": 3.50}], \"g\": {\"h\": \"é😀\"}}'","'[1, \"two\", null, [3, 4], {\"k\": \"v\"}]'","'{\"a\": [{\"b\": 1}, {\"b\": 2}], \"x.y\": 5, \"q \\\" r\": 6}'","'1'","'\"text\"'","'null'","''","'{a: 1}'","'{\"a\":'","CAST(NULL AS STRING)","'{\"n\": 12345678901234567890, \"m\": 1e3, \"z\": -0, \"big\": 1.10, \"f\": 1.0E-5, \"t\": 123456789.123456789}'"]
P=["$","$.a","$.b","$.c","$.d","$.e","$.e[0]","$.e[2].f","$.g.h","$[0]","$[1]","$[4].k","$.a.b","$.a[*].b","$.a[0].b","$[\"a\"]","$['a']","$['x.y']","lax $.a","strict $.a","strict $.zz","lax $.zz","$.zz","$.zz.yy","$.e[9]","$.e[-1]","$..h","$.*","$.e[*]","$.e[0,1]","$.e[0:2]","$.e.length()","$.n","$.m","$.z","$.big","$.f","$.t","$.g","  $.a  ","a","$.","$[","","$.a[?(@.b > 1)].b","$.a[?(@.b == 2)]","STRICT $.b","lax  $.b","$.a.b.c","$.b.c","strict $.b.c","lax $.d.e","strict $.d","$.e[2]","$.x.y","$.a[1]","$.A","$.e[ 0 ]"]
def q(p): return "'"+p.replace("'","''")+"'"
for p in P:
    for k,j in enumerate(J[:3]+[J[10]]):
        if k==3 and not any(p.endswith(z) for z in ("$",".n",".m",".z",".big",".f",".t",".zz")): continue
        o(f"JSON_VALUE({j}, {q(p)})"); o(f"JSON_QUERY({j}, {q(p)})"); o(f"JSON_EXISTS({j}, {q(p)})")
for j in J[3:]:
    for p in ["$","$.a","strict $.a","lax $.a","$[0]"]:
        o(f"JSON_VALUE({j}, {q(p)})"); o(f"JSON_QUERY({j}, {q(p)})"); o(f"JSON_EXISTS({j}, {q(p)})")
for r in ["STRING","BOOLEAN","INTEGER","INT","DOUBLE","BIGINT","VARCHAR(3)","VARCHAR","DECIMAL(10, 2)","FLOAT","DATE","CHAR(4)"]:
    for v in ["1","\"1\"","true","\"true\"","1.5","\"x\"","null","[1]","12345678901","-7","1.0","\"2020-01-01\""]:
        o("JSON_VALUE('{\"a\": %s}', '$.a' RETURNING %s)"%(v,r))
        if r in("BOOLEAN","INTEGER","DOUBLE","STRING"): o("JSON_VALUE('{\"a\": %s}', '$.a' RETURNING %s NULL ON EMPTY ERROR ON ERROR)"%(v,r))
    o("JSON_VALUE('{\"a\": 1}', '$.zz' RETURNING %s DEFAULT 5 ON EMPTY)"%r)
for pre in ["lax","strict"]:
  for p in [".a",".zz",".e"]:
    for oe in ["","NULL ON EMPTY","ERROR ON EMPTY","DEFAULT 'em' ON EMPTY","DEFAULT 7 ON EMPTY"]:
      for er in ["","NULL ON ERROR","ERROR ON ERROR","DEFAULT 'er' ON ERROR"]:
        o(f"JSON_VALUE('{{\"a\": 1, \"e\": [1]}}', '{pre} ${p}' {oe} {er})")
for j in ["'{\"a\"'","''","'x'"]:
  for er in ["NULL ON ERROR","ERROR ON ERROR","DEFAULT 'er' ON ERROR","DEFAULT 'em' ON EMPTY"]:
    o(f"JSON_VALUE({j}, '$.a' {er})"); o(f"JSON_VALUE({j}, 'strict $.a' {er})")
for p in ["lax $","lax $.a","lax $.e","lax $.o","lax $.zz","strict $.a","strict $.e","strict $.zz","lax $.e[*]","lax $.l[*].x","lax $.s"]:
    for w in ["","WITHOUT WRAPPER","WITHOUT ARRAY WRAPPER","WITH WRAPPER","WITH ARRAY WRAPPER","WITH CONDITIONAL ARRAY WRAPPER","WITH UNCONDITIONAL ARRAY WRAPPER","WITH CONDITIONAL WRAPPER"]:
        o(f"JSON_QUERY('{{\"a\": 1, \"e\": [1, \"two\"], \"o\": {{\"x\": \"y\"}}, \"l\": [{{\"x\": 1}}, {{\"x\": 2}}], \"s\": \"str\"}}', '{p}' {w})")
for p in ["lax $.a","lax $.zz","strict $.zz","lax $.e"]:
    for oe in ["NULL ON EMPTY","ERROR ON EMPTY","EMPTY ARRAY ON EMPTY","EMPTY OBJECT ON EMPTY"]:
        for er in ["","NULL ON ERROR","ERROR ON ERROR","EMPTY ARRAY ON ERROR","EMPTY OBJECT ON ERROR"]:
            o(f"JSON_QUERY('{{\"a\": 1, \"e\": [1]}}', '{p}' {oe} {er})")
for v in ["[1, 2]","[\"a\", \"b\", null]","[]","{\"a\": 1}","[[1], {\"x\": 2}]","1","\"s\"","[true, 1.5]"]:
    for r in ["ARRAY<STRING>","STRING","VARCHAR","ARRAY<INT>"]:
        o(f"JSON_QUERY('{{\"v\": {v}}}', '$.v' RETURNING {r})"); o(f"JSON_QUERY('{{\"v\": {v}}}', '$.v' RETURNING {r} WITH ARRAY WRAPPER)")
o("JSON_QUERY('{\"a\":1}', '$.zz' RETURNING ARRAY<STRING> EMPTY ARRAY ON EMPTY)"); o("JSON_QUERY('{\"a\":[1]}', '$.a' RETURNING ARRAY<STRING> ERROR ON ERROR)"); o("JSON_QUERY('{\"a\":1}', '$.a' RETURNING ARRAY<STRING> EMPTY ARRAY ON ERROR)"); o("JSON_QUERY('{\"a\":1}', '$.zz' RETURNING ARRAY<STRING> EMPTY OBJECT ON EMPTY)")
for p in ["lax $.a","lax $.zz","strict $.zz","strict $.a","lax $.a.b","strict $.a.b"]:
    for er in ["","TRUE ON ERROR","FALSE ON ERROR","UNKNOWN ON ERROR","ERROR ON ERROR"]:
        o(f"JSON_EXISTS('{{\"a\": 1}}', '{p}' {er})"); o(f"JSON_EXISTS('{{\"a\"', '{p}' {er})")
for x in ["JSON_OBJECT()","JSON_OBJECT('a' VALUE 1)","JSON_OBJECT(KEY 'a' VALUE 'x')","JSON_OBJECT('a': 1)","JSON_OBJECT('a' VALUE CAST(NULL AS INT))","JSON_OBJECT('a' VALUE CAST(NULL AS INT) ABSENT ON NULL)","JSON_OBJECT('a' VALUE CAST(NULL AS INT) NULL ON NULL)","JSON_OBJECT('a' VALUE JSON_OBJECT('b' VALUE 1))","JSON_OBJECT('a' VALUE JSON_ARRAY(1, 'x'))","JSON_OBJECT('a' VALUE '{\"x\":1}')","JSON_OBJECT('a' VALUE JSON('{\"x\": 1}'))","JSON_OBJECT('a' VALUE JSON('{bad'))","JSON_OBJECT('a' VALUE JSON(CAST(NULL AS STRING)))","JSON_OBJECT('a' VALUE JSON(''))","JSON('{}')","JSON_OBJECT('b' VALUE 1, 'a' VALUE 2)","JSON_OBJECT('a' VALUE 1, 'a' VALUE 2)","JSON_OBJECT(CAST(NULL AS STRING) VALUE 1)","JSON_OBJECT('é😀' VALUE 'é😀\"\\')","JSON_OBJECT('a' VALUE TRUE)","JSON_OBJECT('a' VALUE 1.50)","JSON_OBJECT('a' VALUE 1e10)","JSON_OBJECT('a' VALUE CAST(1.5 AS FLOAT))","JSON_OBJECT('a' VALUE DATE '2020-01-01')","JSON_OBJECT('a' VALUE TIMESTAMP '2020-01-01 01:02:03.450')","JSON_OBJECT('a' VALUE TIME '12:00:00')","JSON_OBJECT('a' VALUE TO_TIMESTAMP_LTZ(123456, 3))","JSON_OBJECT('a' VALUE X'0102FF')","JSON_OBJECT('a' VALUE INTERVAL '1' DAY)","JSON_OBJECT('a' VALUE ARRAY[1, 2])","JSON_OBJECT('a' VALUE MAP['k', 1])","JSON_OBJECT('a' VALUE ROW(1, 'x'))","JSON_OBJECT('a' VALUE CAST(ROW(1, 'x') AS ROW<p INT, q STRING>))","JSON_OBJECT('a' VALUE CAST(1 AS TINYINT), 'b' VALUE CAST(2 AS BIGINT))","JSON_OBJECT('a' VALUE CAST('NaN' AS DOUBLE))","JSON_OBJECT('K1' VALUE JSON_OBJECT('K2' VALUE CAST(NULL AS STRING) ABSENT ON NULL))","JSON_OBJECT('a' VALUE UPPER('x') || 'y')","JSON_OBJECT('a' VALUE 1e0)","JSON_OBJECT('a' VALUE 12345678901234567890.5)","JSON_OBJECT('a' VALUE CAST('x' AS CHAR(3)))",
 "JSON_ARRAY()","JSON_ARRAY(1, 2)","JSON_ARRAY('a', CAST(NULL AS STRING))","JSON_ARRAY('a', CAST(NULL AS STRING) NULL ON NULL)","JSON_ARRAY('a', CAST(NULL AS STRING) ABSENT ON NULL)","JSON_ARRAY(JSON_ARRAY(1), JSON_OBJECT('a' VALUE 2))","JSON_ARRAY(JSON('[1, 2]'), '[1]')","JSON_ARRAY(JSON('  { \"b\" : 1.50 , \"a\":[ ] } '))","JSON_ARRAY(1.10, 2e0, TRUE, DATE '2020-01-01', X'41')","JSON_ARRAY(ARRAY['x', CAST(NULL AS STRING)], MAP['a', ARRAY[1]])","JSON_ARRAY('\t\n/', '<>&''')","JSON_ARRAY(CAST(0.1 AS FLOAT), 1e-10, 1e7, 123456789e0)","JSON_ARRAY(ROW(1, ROW(2, 'x')))","JSON_ARRAY(NULL)","JSON_ARRAY('\u0001\u007f\u2028')",
 "JSON_STRING(1)","JSON_STRING('a\"é😀')","JSON_STRING(TRUE)","JSON_STRING(CAST(NULL AS INT))","JSON_STRING(1.50)","JSON_STRING(1e0)","JSON_STRING(DATE '2020-01-01')","JSON_STRING(TIMESTAMP '2020-01-01 01:02:03')","JSON_STRING(TIMESTAMP '2020-01-01 01:02:03.120')","JSON_STRING(TIME '01:02:03')","JSON_STRING(ARRAY[1, CAST(NULL AS INT)])","JSON_STRING(MAP['a', 1, 'b', CAST(NULL AS INT)])","JSON_STRING(ROW(1, 'x'))","JSON_STRING(CAST(ROW(1, 'x') AS ROW<p INT, q STRING>))","JSON_STRING(X'0102')","JSON_STRING(INTERVAL '1' DAY)","JSON_STRING(INTERVAL '2' YEAR)","JSON_STRING(TO_TIMESTAMP_LTZ(123456, 3))","JSON_STRING(MAP[1, 'x'])","JSON_STRING(CAST('NaN' AS DOUBLE))","JSON_STRING(CAST(1.5 AS FLOAT))","JSON_STRING(ARRAY[MAP['k', ROW(1, TRUE)]])","JSON_STRING('')","JSON_STRING(123456789012)","JSON_STRING(CAST(100 AS DECIMAL(10, 2)))","JSON_STRING(0.000001)","JSON_STRING(CAST(NULL AS ARRAY<INT>))"]: o(x)
for v in ["1","'{}'","'{\"a\":1}'","'[1,2]'","'null'","'\"s\"'","'1.50'","'bad'","''","CAST(NULL AS STRING)","'true'","'{\"a\":1,\"a\":2}'"]:
    for f in ["PARSE_JSON(%s)","TRY_PARSE_JSON(%s)","PARSE_JSON(%s, TRUE)","JSON_STRING(PARSE_JSON(%s))","CAST(PARSE_JSON(%s) AS STRING)","PARSE_JSON(%s)['a']","TYPEOF(PARSE_JSON(%s))"]: o(f%v)
J="'{\"a\": [{\"b\": 1, \"c\": \"x\"}, {\"b\": 2}, {\"b\": 2.5, \"c\": \"yy\", \"d\": true}, {\"c\": null}, 5, \"s\"], \"o\": {\"b\": 3, \"c\": \"z\"}, \"n\": [1, 5, 10, \"5\", null]}'"
P=["$.a[?(@.b > 1)]","$.a[?(@.b >= 2)].b","$.a[?(@.b == 2)]","$.a[?(@.b != 2)]","$.a[?(@.b < 2.5)].b","$.a[?(@.b <= 2.5)].b","$.a[?(@.c)]","$.a[?(@.c == 'x')]","$.a[?(@.c == \"x\")].b","$.a[?(@.d == true)].b","$.a[?(@.c == null)]","$.a[?(!@.b)]","$.a[?(@.b > 1 && @.c == 'yy')]","$.a[?(@.b == 1 || @.b == 2)].b","$.o[?(@.b == 3)]","$.o[?(@.b == 3)].c","$.o[?(@.b == 4)]","$.n[?(@ > 3)]","$.n[?(@ == 5)]","$.n[?(@ == '5')]","$.a[?(@.c > 'x')].b","$..[?(@.b == 3)]","$.a[?(@.zz == 1)]","$.n.length()","$.a[ ?( @.b==1 ) ]","$.a[?(2 == @.b)]","$.a[?(@.b == $.o.b)]","$.a[?(@['b'] == 1)].b","$.zz[?(@.b == 1)]","$.o.b[?(@.b == 1)]","lax $.o.b[?(@.b == 1)]","$.a[?(@.c =~ /y.*/)].b","$.a[?(@.b in [1, 2])].b","$.a[?(@.c.d == 1)]","$['o','n']","$.o['b','c']","$.n.min()","$.n.sum()"]
for p in P:
    q="'"+p.replace("'","''")+"'"
    o(f"JSON_QUERY({J}, {q})"); o(f"JSON_EXISTS({J}, {q})")
for e in dict.fromkeys(out):
    if "\n" not in e:
        print(e)
