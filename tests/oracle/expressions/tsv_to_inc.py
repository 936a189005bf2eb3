#!/usr/bin/env python3
"""Turns what `flink_oracle.py --expr` prints into vectors of the tests (src/expr/testdata/*.inc).

usage: tsv_to_inc.py < recorded.tsv > src/expr/testdata/x.inc
"""
import re
import sys

ESCAPES = {'\\': '\\', 't': '\t', 'n': '\n', 'r': '\r'}


def plain(text):
    """The kit's escapes undone."""
    return re.sub(r'\\(x([0-9a-f]{2})|[\\tnr])', lambda m: chr(int(m.group(2), 16)) if m.group(2) else ESCAPES[m.group(1)], text)


def quoted(text):
    out = text.replace('\\', '\\\\').replace('"', '\\"').replace('??', '?\\?')
    return '"' + re.sub('[\0-\x1f\x7f]', lambda c: '\\%03o' % ord(c.group()), out) + '"'


def main():
    sys.stdin.reconfigure(encoding='utf-8', newline='\n')
    sys.stdout.reconfigure(encoding='utf-8')
    print('/* Answers of Apache Flink 2.3.0 of single expressions, table.local-time-zone=UTC: expression, type ("": not recorded), value.')
    print(' * "\\N" is NULL, "\\E" an error. Recorded with tests/oracle; do not edit, record again. */')
    for line in sys.stdin:
        if line.startswith('#') or not line.strip():
            continue
        sql, kind, value = line.rstrip('\n').split('\t')
        value = '\\E' if value.startswith('\\E ') else '\\N' if value == '\\N' else plain(value)
        print('{%s, %s, %s},' % (quoted(plain(sql)), quoted('' if value == '\\E' else kind), quoted(value)))


main()
