#!/usr/bin/env python3
"""Prints expressions over arrays, maps and rows, one per line.

usage: nested.py > expressions.txt
"""
out=[]
A=dict(
 i="ARRAY[1, 2, 3]", n="ARRAY[3, 1, CAST(NULL AS INT), 2, 1]", s="ARRAY['b', 'a', '😀é', 'a']", nul="CAST(NULL AS ARRAY<INT>)",
 one="ARRAY[CAST(NULL AS INT)]", d="ARRAY[1.5, 2.25, 1.5]", dt="ARRAY[DATE '2020-01-01', DATE '1969-12-31']",
 nn="ARRAY[ARRAY[1], ARRAY[2, 3], ARRAY[1]]", b="ARRAY[TRUE, FALSE, TRUE]", f="ARRAY[1e0, CAST('NaN' AS DOUBLE), -0.0e0, 2e0]",
 r="ARRAY[ROW(1, 'a'), ROW(2, 'b'), ROW(1, 'a')]", ts="ARRAY[TIMESTAMP '2020-01-01 00:00:00.123', TIMESTAMP '1969-12-31 23:59:59.9']",
 e="ARRAY_REMOVE(ARRAY[1], 1)", ns="CAST(NULL AS ARRAY<STRING>)", lng="ARRAY['a long string beyond twelve', 'another long string here', '']")
def o(x): out.append(x)
for k,a in A.items():
    o(a); o(f"CARDINALITY({a})"); o(f"ARRAY_DISTINCT({a})"); o(f"ARRAY_REVERSE({a})"); o(f"ARRAY_SORT({a})"); o(f"ARRAY_MAX({a})"); o(f"ARRAY_MIN({a})"); o(f"ARRAY_SLICE({a}, 2)")
    o(f"{a} = {a}"); o(f"ARRAY_CONCAT({a}, {a})"); o(f"ARRAY_UNION({a}, {a})"); o(f"ARRAY_EXCEPT({a}, {a})"); o(f"ARRAY_INTERSECT({a}, {a})"); o(f"{a} IS NULL"); o(f"{a}[1]"); o(f"TYPEOF({a})")
for x in ["-1","0","1","2","3","4","CAST(NULL AS INT)"]:
    o(f"{A['i']}[{x}]"); o(f"{A['n']}[{x}]"); o(f"{A['nul']}[{x}]")
    for y in ["-2","0","1","3","9","CAST(NULL AS INT)"]: o(f"ARRAY_SLICE({A['n']}, {x}, {y})")
    o(f"ARRAY_SLICE({A['s']}, {x})")
for f in ["ARRAY_APPEND","ARRAY_CONTAINS","ARRAY_POSITION","ARRAY_REMOVE","ARRAY_PREPEND"]:
    for a,es in [("i",["2","4","CAST(NULL AS INT)","NULL","CAST(2 AS BIGINT)","2.5","'a'","2e0"]),("n",["1","CAST(NULL AS INT)","9"]),("s",["'a'","'😀é'","'zz'","CAST(NULL AS STRING)","''"]),("nul",["1","CAST(NULL AS INT)"]),("nn",["ARRAY[1]","ARRAY[2]"]),("r",["ROW(1, 'a')","ROW(3, 'c')"]),("d",["1.5","1.50","2","CAST(1.5 AS DECIMAL(10, 4))"]),("dt",["DATE '2020-01-01'"]),("b",["FALSE"]),("f",["CAST('NaN' AS DOUBLE)","0.0e0","1"]),("e",["1"]),("lng",["'another long string here'","'another long string herf'"])]:
        for e in es: o(f"{f}({A[a]}, {e})")
o("ARRAY_CONCAT(ARRAY[1], ARRAY[CAST(NULL AS INT)], ARRAY[3, 4])"); o("ARRAY_CONCAT(ARRAY[1])"); o("ARRAY_CONCAT(ARRAY[1], ARRAY[2.5])"); o("ARRAY_CONCAT(ARRAY['a'], ARRAY['bc'], CAST(NULL AS ARRAY<STRING>))"); o("ARRAY_CONCAT(ARRAY[1], ARRAY['a'])"); o("ARRAY_CONCAT()"); o("ARRAY_CONCAT(ARRAY[CAST(1 AS BIGINT)], ARRAY[2])")
P=[("ARRAY[1, 2, 2, 3]","ARRAY[2, 4, 4]"),("ARRAY[1, CAST(NULL AS INT), CAST(NULL AS INT)]","ARRAY[CAST(NULL AS INT), 1]"),("ARRAY['a','b']","ARRAY['b','😀','😀']"),("CAST(NULL AS ARRAY<INT>)","ARRAY[1]"),("ARRAY[1]","CAST(NULL AS ARRAY<INT>)"),("ARRAY[1, 2]","ARRAY[2.0, 3.5]"),("ARRAY[ARRAY[1],ARRAY[2]]","ARRAY[ARRAY[2],ARRAY[3]]"),("ARRAY[1.5, 2.5]","ARRAY[2.50, 1.5]"),("ARRAY[1]","ARRAY['a']"),("ARRAY[3, 1, 3]","ARRAY[1]"),("ARRAY[1, 2]","ARRAY[CAST(1 AS BIGINT)]"),("ARRAY[DATE '2020-01-01']","ARRAY[DATE '2020-01-02']"),("ARRAY[MAP['a', 1]]","ARRAY[MAP['a', 1]]"),("ARRAY[CAST(NULL AS INT), 5]","ARRAY[5]")]
for f in ["ARRAY_UNION","ARRAY_EXCEPT","ARRAY_INTERSECT","ARRAY_CONCAT"]:
    for x,y in P: o(f"{f}({x}, {y})")
for x,y in P: o(f"{x} = {y}"); o(f"{x} <> {y}"); o(f"{x} IS DISTINCT FROM {y}"); o(f"{x} IS NOT DISTINCT FROM {y}")
o("ARRAY[1] < ARRAY[2]"); o("ARRAY[1] >= ARRAY[2]"); o("ROW(1, 2) < ROW(1, 3)"); o("ROW(1, 'a') = ROW(1, 'a')"); o("ROW(1, 'a') <> ROW(1, 'b')"); o("ROW(1, CAST(NULL AS INT)) = ROW(1, CAST(NULL AS INT))"); o("ROW(1, CAST(NULL AS INT)) = ROW(2, CAST(NULL AS INT))"); o("MAP['a', 1, 'b', 2] = MAP['b', 2, 'a', 1]"); o("MAP['a', 1] = MAP['a', 2]"); o("MAP['a', 1] <> MAP['a', 2]"); o("MAP['a', CAST(NULL AS INT)] = MAP['a', CAST(NULL AS INT)]"); o("ROW(1, 'a') IN (ROW(1, 'a'), ROW(2, 'b'))"); o("ARRAY[1] IN (ARRAY[1], ARRAY[2])"); o("ROW(1, 2) IS DISTINCT FROM ROW(1, 3)"); o("ROW(1, 2) IS NOT DISTINCT FROM ROW(1, 2)"); o("(1, 2) = (1, 2)"); o("ROW(1, 2) = ROW(1, 2.0)"); o("ROW(ARRAY[1]) = ROW(ARRAY[1])"); o("ROW(1, 2) BETWEEN ROW(1, 1) AND ROW(1, 3)"); o("NULLIF(ARRAY[1], ARRAY[1])")
for a in ["ARRAY['a', CAST(NULL AS STRING), 'b']","ARRAY['x']","ARRAY['😀', '', 'é']","CAST(NULL AS ARRAY<STRING>)","ARRAY[CAST(NULL AS STRING)]","ARRAY[1, 2]"]:
    for d in ["','","''","'--'","CAST(NULL AS STRING)"]:
        o(f"ARRAY_JOIN({a}, {d})"); o(f"ARRAY_JOIN({a}, {d}, 'N')")
o("ARRAY_JOIN(ARRAY['a', CAST(NULL AS STRING)], ',', CAST(NULL AS STRING))"); o("ARRAY_JOIN(ARRAY['a', CAST(NULL AS STRING)], ',', '')")
for a in ["n","s","b","d","nn","f","nul","r"]:
    for p in ["TRUE","FALSE","TRUE, TRUE","TRUE, FALSE","FALSE, TRUE","FALSE, FALSE","CAST(NULL AS BOOLEAN)","TRUE, CAST(NULL AS BOOLEAN)"]: o(f"ARRAY_SORT({A[a]}, {p})")
M=["MAP['a', 1, 'b', 2]","MAP['b', 2, 'a', CAST(NULL AS INT)]","MAP[1, 'x', 2, '😀']","CAST(NULL AS MAP<STRING, INT>)","MAP['a', 1, 'a', 2]","MAP[CAST(NULL AS STRING), 1, 'z', 3]","MAP['k', ARRAY[1, 2]]","MAP[DATE '2020-01-01', 1.5]","MAP['a', MAP['b', 2]]","MAP[TRUE, ROW(1, 'a')]"]
for m in M:
    for f in ["MAP_KEYS","MAP_VALUES","MAP_ENTRIES","CARDINALITY","TYPEOF"]: o(f"{f}({m})")
    o(m); o(f"{m}['a']"); o(f"{m}[CAST(NULL AS STRING)]"); o(f"{m}[1]"); o(f"MAP_UNION({m}, {m})"); o(f"{m} = {m}"); o(f"{m} IS NOT NULL"); o(f"CAST(CAST({m} AS MAP<STRING, STRING>) AS STRING)"); o(f"MAP_FROM_ARRAYS(MAP_KEYS({m}), MAP_VALUES({m}))")
o("MAP_UNION(MAP['a', 1], MAP['a', 2, 'c', 3])"); o("MAP_UNION(MAP['a', 1], MAP['b', 2.5])"); o("MAP_UNION(MAP['a', 1], CAST(NULL AS MAP<STRING, INT>))"); o("MAP_UNION(MAP['a', 1])"); o("MAP_UNION(MAP['a', 1], MAP['b', 2], MAP['c', 3, 'a', 9])"); o("MAP_UNION(MAP['a', CAST(NULL AS INT)], MAP['a', 1])"); o("MAP_UNION(MAP['a', 1], MAP[1, 1])"); o("MAP_UNION()")
o("MAP['a', 1, 'b', 2.5]['b']"); o("MAP['a', 1]['zz']"); o("MAP['a', 1, 'abc', 2]['abc']"); o("MAP['a', 1]['a   ']"); o("MAP[1, 'x'][CAST(1 AS BIGINT)]"); o("MAP[CAST(1 AS BIGINT), 'x'][1]"); o("MAP[1.5, 'x'][1.5]"); o("MAP[1.5, 'x'][1.50]"); o("MAP[]"); o("MAP['a']"); o("ARRAY[]"); o("MAP['a', NULL]"); o("ARRAY[1, NULL]"); o("ARRAY[NULL]"); o("ARRAY['a', 'bcd']"); o("TYPEOF(ARRAY['a', 'bcd'])"); o("ARRAY[1, 2.5]"); o("ARRAY[1, 'a']"); o("TYPEOF(MAP['a', 1, 'bcd', 2.5])"); o("TYPEOF(ROW(1, 'a', NULL))"); o("ROW(1, 'a', CAST(NULL AS INT))"); o("ROW(1)"); o("ROW()"); o("(1, 'b', TRUE)"); o("ROW(ROW(1, 2), ARRAY['x'])"); o("ROW(1, 'a').EXPR$0"); o("ROW(1, 'a').f0"); o("(ROW(1, 'a')).EXPR$1"); o("CAST(ROW(1, 'a') AS ROW<x INT, y STRING>).y"); o("CAST(ROW(1, 'a') AS ROW<x BIGINT, y STRING>).x"); o("CAST(NULL AS ROW<x INT, y STRING>).x"); o("CAST(ROW(1, 'a') AS ROW<x STRING, y STRING>)"); o("TYPEOF(CAST(ROW(1, 'a') AS ROW<x BIGINT, y STRING>).x)"); o("CAST(ROW(1, 2) AS ROW<x INT>)"); o("CAST(ROW(1, CAST(NULL AS INT)) AS ROW<x DOUBLE, y DOUBLE>)"); o("ROW(TIMESTAMP '2020-01-01 00:00:00.120', DATE '2020-01-01', TIME '12:34:56', 1.50, 1e0, X'414243', TRUE)")
for e in ["ARRAY[1]","ARRAY[CAST(NULL AS INT)]","CAST(NULL AS ARRAY<INT>)","ARRAY_REMOVE(ARRAY[1], 1)","ARRAY['😀']","ARRAY[1, 2]","ARRAY[ARRAY[1, 2]]","ARRAY[1.5]"]: o(f"ELEMENT({e})")
for a,b in [("ARRAY['a','b']","ARRAY[1,2]"),("ARRAY['a','a']","ARRAY[1,2]"),("ARRAY[CAST(NULL AS STRING)]","ARRAY[1]"),("CAST(NULL AS ARRAY<STRING>)","ARRAY[1]"),("ARRAY['a']","CAST(NULL AS ARRAY<INT>)"),("ARRAY['a']","ARRAY[1,2]"),("ARRAY[1,2]","ARRAY[CAST(NULL AS INT),5]"),("ARRAY['😀']","ARRAY[ARRAY[1]]")]: o(f"MAP_FROM_ARRAYS({a}, {b})")
for e in ["MAP_ENTRIES(MAP['a', 1])","ARRAY[ROW('a', 1)]"]: o(f"MAP_FROM_ENTRIES({e})")
for s in ["'a,b,c'","''","','","'a,,b'","'😀,é'","CAST(NULL AS STRING)","'abc'","'a,b,'"]:
    for d in ["','","''","',,'","CAST(NULL AS STRING)","'.'"]: o(f"SPLIT({s}, {d})")
for x in ["'k1=v1,k2=v2'","''","'a'","'a=1,a=2'","'a=,=b'","CAST(NULL AS STRING)","'😀=é,x=y=z'","'a=1,,b=2'"]: o(f"STR_TO_MAP({x})"); o(f"STR_TO_MAP({x}, ',', '=')"); o(f"STR_TO_MAP({x}, CAST(NULL AS STRING), '=')")
o("STR_TO_MAP('a:1;b:2', ';', ':')"); o("STR_TO_MAP('a1b2', '[0-9]', 'x')"); o("STR_TO_MAP('k1$$v1|k2$$v2', '\\|', '\\$\\$')"); o("STR_TO_MAP('a|1', '|', '=')"); o("STR_TO_MAP('k1=v1,k2=v2')['k2']")
for s in ["'100-200, 300-400'","'abc'","''","'x1y22'","CAST(NULL AS STRING)","'😀1é2'"]:
    for r in ["'([0-9]+)-([0-9]+)'","'([a-z])'","'[0-9]+'","''","'('","CAST(NULL AS STRING)"]:
        o(f"REGEXP_EXTRACT_ALL({s}, {r})")
        for g in ["0","1","2","-1"]:
            if s in ("'100-200, 300-400'","'x1y22'"): o(f"REGEXP_EXTRACT_ALL({s}, {r}, {g})")
o("REGEXP_EXTRACT_ALL('ab', '(x)?b', 1)"); o("REGEXP_EXTRACT_ALL('ab', '(a)', CAST(NULL AS INT))")
for x in ["ARRAY[1, 2]","ARRAY['1', 'x', CAST(NULL AS STRING)]","ARRAY[1.5, 2.5]","ARRAY[ARRAY['1']]","CAST(NULL AS ARRAY<INT>)"]:
    for t in ["ARRAY<STRING>","ARRAY<INT>","ARRAY<DOUBLE>","ARRAY<BIGINT>","ARRAY<ARRAY<INT>>","STRING","VARCHAR(3)","CHAR(10)","INT","MULTISET<INT>","ARRAY<DECIMAL(5, 2)>","ARRAY<CHAR(3)>"]:
        o(f"CAST({x} AS {t})"); o(f"TRY_CAST({x} AS {t})")
for x in ["MAP['1', 2]","MAP[1, '2']"]:
    for t in ["MAP<INT, INT>","MAP<STRING, STRING>","MAP<STRING, DOUBLE>","STRING","ARRAY<INT>"]: o(f"CAST({x} AS {t})"); o(f"TRY_CAST({x} AS {t})")
for f in ["COALESCE(CAST(NULL AS ARRAY<INT>), ARRAY[1])","IFNULL(CAST(NULL AS ARRAY<INT>), ARRAY[1])","CASE WHEN TRUE THEN ARRAY[1] ELSE ARRAY[2] END","CASE WHEN FALSE THEN ARRAY[1 / 0] ELSE ARRAY[2] END","IF(FALSE, ARRAY[1], ARRAY[2, 3])","IF(TRUE, MAP['a', 1], MAP['b', 2])","GREATEST(ARRAY[1], ARRAY[2])","COALESCE(CAST(NULL AS ROW<a INT>), ROW(5))","CASE WHEN FALSE THEN ARRAY[1] END","CASE WHEN TRUE THEN ARRAY[1, 2] END[2]","ARRAY[ARRAY[1, 2], ARRAY[3]][1][2]","MAP['a', ARRAY[ROW(1, 'x')]]['a'][1]","ARRAY[CASE WHEN FALSE THEN 1 / 0 ELSE 2 END]","CARDINALITY(ARRAY[1 / 0])","ARRAY[RAND() < 2]","MULTISET[1, 1, 2]","CARDINALITY(MULTISET[1, 1, 2])","ELEMENT(MULTISET[1])","ARRAY[INTERVAL '1' DAY]","ARRAY[TIME '12:00:00']","ARRAY[X'01FF']","ARRAY[1.0, 22.55]","MAP[1, INTERVAL '1-2' YEAR TO MONTH]","ARRAY[TO_TIMESTAMP_LTZ(0, 3)]","ARRAY[CAST(1 AS TINYINT), CAST(2 AS SMALLINT)]"]: o(f)
for e in dict.fromkeys(out):
    print(e)
