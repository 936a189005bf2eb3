#!/usr/bin/env python3
"""Prints random expressions over all scalar types, the same for the same seed, one per line.

usage: random_expressions.py [SEED [COUNT]] > expressions.txt
"""
import random
import sys

rng = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
LEAVES = {
    'int': ['0', '1', '7', '-13', '42', 'CAST(NULL AS INT)', '100000'],
    'dec': ['1.50', '-0.25', '123.456', 'CAST(NULL AS DECIMAL(8, 3))', '99.9'],
    'dbl': ['1.5e0', '-2.25e0', '1e3', 'CAST(NULL AS DOUBLE)', '0e0'],
    'str': ["'abc'", "''", "'Hello World'", "'äöü'", "'a,b,,c'", 'CAST(NULL AS STRING)', "'12'", "'x=1,y=2'"],
    'bool': ['TRUE', 'FALSE', 'CAST(NULL AS BOOLEAN)'],
    'date': ["DATE '2024-02-29'", "DATE '1969-12-31'", 'CAST(NULL AS DATE)'],
    'ts': ["TIMESTAMP '2024-02-29 12:34:56.789'", "TIMESTAMP '1970-01-01 00:00:00.001'", 'CAST(NULL AS TIMESTAMP(3))'],
    'arr': ['ARRAY[3, 1, 2]', 'ARRAY[1, CAST(NULL AS INT), 1]', 'CAST(NULL AS ARRAY<INT>)'],
    'strs': ["ARRAY['b', 'a']", "SPLIT('x,y', ',')", 'CAST(NULL AS ARRAY<STRING>)']}
FORMS = {
    'int': ['({int} + {int})', '({int} - {int})', '({int} * 3)', 'ABS({int})', 'SIGN({int})', 'CHAR_LENGTH({str})', 'POSITION({str} IN {str})', 'CARDINALITY({arr})',
            'COALESCE({int}, {int})', 'CASE WHEN {bool} THEN {int} ELSE {int} END', 'ARRAY_POSITION({arr}, {int})', '{arr}[2]', 'ARRAY_MAX({arr})', 'NULLIF({int}, {int})',
            'ASCII({str})', 'GREATEST({int}, {int}, 5)', 'LEAST({int}, 3)', 'CAST({dec} AS INT)', 'CAST({bool} AS INT)', 'TIMESTAMPDIFF(DAY, {ts}, {ts})', 'MOD({int}, 7)', 'REGEXP_COUNT({str}, \'[a-z]\')'],
    'dec': ['({dec} + {dec})', '({dec} * 2.5)', '({dec} - {int})', 'ROUND({dec}, 1)', 'FLOOR({dec})', 'CAST({int} AS DECIMAL(20, 2))', 'COALESCE({dec}, 0.5)', 'TRUNCATE({dec}, 1)', 'ABS({dec})', 'CAST({dec} AS DECIMAL(12, 1))'],
    'dbl': ['({dbl} + {int})', '({dbl} * {dec})', 'SQRT(ABS({dbl}))', 'CAST({dec} AS DOUBLE)', 'POWER({dbl}, 2)', 'FLOOR({dbl})', 'IF({bool}, {dbl}, {dbl})', 'CEIL({dbl})'],
    'str': ['UPPER({str})', 'LOWER({str})', 'CONCAT({str}, {str})', '({str} || {str})', 'SUBSTRING({str}, 2, 3)', 'TRIM({str})', 'REVERSE({str})', 'REPLACE({str}, \'a\', \'Z\')', 'CAST({int} AS STRING)',
            'CAST({dec} AS STRING)', 'CAST({ts} AS STRING)', 'CAST({bool} AS STRING)', 'ARRAY_JOIN({strs}, \'-\')', 'COALESCE({str}, {str})', 'CASE WHEN {bool} THEN {str} ELSE {str} END', 'SPLIT_INDEX({str}, \',\', 1)',
            'REGEXP_EXTRACT({str}, \'[a-z]+\')', 'INITCAP({str})', 'LEFT({str}, 3)', 'RIGHT({str}, 2)', 'MD5({str})', 'JSON_STRING({arr})', 'JSON_OBJECT(\'k\' VALUE {str}, \'n\' VALUE {int})', 'CAST({arr} AS STRING)',
            'DATE_FORMAT({ts}, \'yyyy/MM\')', 'CONCAT_WS(\'+\', {str}, {str})', 'STR_TO_MAP({str})[\'x\']', 'CAST({date} AS STRING)', 'BTRIM({str}, \'a\')', 'REPEAT({str}, 2)'],
    'bool': ['({int} < {int})', '({str} = {str})', '({bool} AND {bool})', '({bool} OR {bool})', '(NOT {bool})', '({int} IS NULL)', '({str} LIKE \'%a%\')', '({dec} >= {int})', '({int} BETWEEN 0 AND {int})', 'ARRAY_CONTAINS({arr}, {int})',
             '({bool} IS NOT TRUE)', '({int} IN (1, 7, 42))', '({date} > DATE \'2000-01-01\')', '({str} IS NOT DISTINCT FROM {str})', 'REGEXP({str}, \'^[a-z]\')', 'STARTSWITH({str}, \'a\')', '({arr} = {arr})', '({dbl} <> {dbl})', 'IS_DIGIT({str})'],
    'date': ['({date} + INTERVAL \'1\' MONTH)', 'CAST({ts} AS DATE)', 'COALESCE({date}, DATE \'2020-01-01\')', 'FLOOR({date} TO MONTH)', 'TO_DATE(CAST({date} AS STRING))'],
    'ts': ['({ts} + INTERVAL \'1\' DAY)', '({ts} - INTERVAL \'5\' SECOND)', 'FLOOR({ts} TO HOUR)', 'CASE WHEN {bool} THEN {ts} ELSE {ts} END', 'TIMESTAMPADD(MONTH, -1, {ts})'],
    'arr': ['ARRAY_DISTINCT({arr})', 'ARRAY_REVERSE({arr})', 'ARRAY_APPEND({arr}, {int})', 'ARRAY_CONCAT({arr}, {arr})', 'ARRAY_SORT({arr})', 'ARRAY_SLICE({arr}, 1, 2)', 'ARRAY[{int}, {int}]', 'ARRAY_UNION({arr}, {arr})', 'ARRAY_EXCEPT({arr}, {arr})',
            'ARRAY_REMOVE({arr}, {int})', 'COALESCE({arr}, ARRAY[9])', 'ARRAY_INTERSECT({arr}, {arr})', 'ARRAY_PREPEND({arr}, {int})'],
    'strs': ['SPLIT({str}, \',\')', 'ARRAY_REVERSE({strs})', 'ARRAY[{str}, {str}]', 'ARRAY_CONCAT({strs}, {strs})', 'REGEXP_EXTRACT_ALL({str}, \'[a-z]\', 0)', 'MAP_KEYS(STR_TO_MAP({str}))']}


def expression(kind, depth):
    if depth == 0 or rng.random() < 0.1:
        return rng.choice(LEAVES[kind])
    form, out = rng.choice(FORMS[kind]), ''
    while '{' in form:
        head, rest = form.split('{', 1)
        name, form = rest.split('}', 1)
        out += head + expression(name, depth - 1)
    return out + form


seen = set()
while len(seen) < (int(sys.argv[2]) if len(sys.argv) > 2 else 400):
    text = expression(rng.choice(list(LEAVES)), rng.randint(2, 4))
    if text not in seen and len(text) < 400:
        seen.add(text)
        print(text)
