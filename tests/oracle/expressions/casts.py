#!/usr/bin/env python3
"""Prints CAST and TRY_CAST of every pair of types, one expression per line.

usage: casts.py > expressions.txt
"""
VALUES = {'BOOLEAN': ['TRUE'], 'TINYINT': ['CAST(-7 AS TINYINT)'], 'SMALLINT': ['CAST(300 AS SMALLINT)'], 'INT': ['70000'],
          'BIGINT': ['CAST(5000000000 AS BIGINT)'], 'FLOAT': ['CAST(1.5 AS FLOAT)'], 'DOUBLE': ['-2.75e0', '1e20'], 'DECIMAL(10, 2)': ['CAST(123.45 AS DECIMAL(10, 2))'],
          'DECIMAL(38, 18)': ['CAST(-0.000000000000000001 AS DECIMAL(38, 18))'], 'CHAR(5)': ["'  12 '"], 'VARCHAR(8)': ["CAST('é😀' AS VARCHAR(8))"],
          'STRING': ["CAST('2024-02-29 12:34:56.789' AS STRING)", "CAST('true' AS STRING)", "CAST('-3.99' AS STRING)"], 'BINARY(2)': ["X'4142'"], 'BYTES': ["CAST(X'31' AS BYTES)"], 'DATE': ["DATE '2024-02-29'"],
          'TIME': ["TIME '12:34:56'"], 'TIMESTAMP(3)': ["TIMESTAMP '2024-02-29 12:34:56.789'"], 'TIMESTAMP(9)': ["TIMESTAMP '1969-12-31 23:59:59.123456789'"],
          'TIMESTAMP_LTZ(3)': ['TO_TIMESTAMP_LTZ(1700000000123, 3)'], 'INTERVAL DAY': ["INTERVAL '3' DAY"], 'INTERVAL MONTH': ["INTERVAL '14' MONTH"],
          'ARRAY<INT>': ['ARRAY[1, 2]'], 'MAP<STRING, INT>': ["MAP['a', 1]"], 'ROW<a INT, b STRING>': ["ROW(1, 'x')"]}

for source, values in VALUES.items():
    for target in VALUES:
        for value in values + ['CAST(NULL AS %s)' % source]:
            print('CAST(%s AS %s)' % (value, target))
            if not value.startswith('CAST(NULL'):
                print('TRY_CAST(%s AS %s)' % (value, target))
