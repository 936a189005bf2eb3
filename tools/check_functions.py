#!/usr/bin/env python3
"""Checks that docs/functions.md is what src/expr/catalogue.def says, and that docs/gaps.md names what is missing.

usage: check_functions.py [--write]     --write: brings it up to date
"""
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
PAGE = os.path.join(ROOT, 'docs', 'functions.md')
TITLES = [('COMPARISON', 'Comparison'), ('LOGIC', 'Logic'), ('CONDITION', 'Conditions'), ('CONVERSION', 'Conversion'),
          ('ARITHMETIC', 'Arithmetic'), ('STRING', 'Text and bytes'), ('HASH', 'Digests'), ('TIME', 'Dates and times'),
          ('COLLECTION', 'Arrays, maps and rows'), ('JSON', 'JSON')]
ROW = re.compile(r'FUNCTION\((\w+), "((?:[^"\\]|\\.)*)", "([^"]*)", "([^"]*)", ([^,]*), \w+, "((?:[^"\\]|\\.)*)"\)')
# Calls that are written with words between their arguments.
FORMS = {'EXTRACT': 'EXTRACT(unit FROM x)', 'TRIM': "TRIM([BOTH | LEADING | TRAILING] [characters FROM] STRING)",
         'POSITION': 'POSITION(STRING IN STRING)', 'CASE': 'CASE [x] WHEN a THEN b ... [ELSE c] END', 'ARRAY': 'ARRAY[x, ...]',
         'MAP': 'MAP[key, value, ...]', 'ROW': 'ROW(x, ...), (x, y, ...)', 'ITEM': 'array[position], map[key], row[position]',
         'OVERLAY': 'OVERLAY(STRING PLACING STRING FROM BIGINT [FOR BIGINT])', 'IN': 'x IN (a, b, ...)', 'NOT IN': 'x NOT IN (a, b, ...)',
         'BETWEEN': 'x BETWEEN [SYMMETRIC] low AND high', 'NOT BETWEEN': 'x NOT BETWEEN [SYMMETRIC] low AND high',
         'LIKE': 'STRING LIKE STRING [ESCAPE character]', 'NOT LIKE': 'STRING NOT LIKE STRING [ESCAPE character]',
         'SIMILAR TO': 'STRING SIMILAR TO STRING [ESCAPE character]', 'NOT SIMILAR TO': 'STRING NOT SIMILAR TO STRING [ESCAPE character]',
         'TIMESTAMPADD': 'TIMESTAMPADD(unit, n, x)', 'TIMESTAMPDIFF': 'TIMESTAMPDIFF(unit, from, to)', 'CAST': 'CAST(x AS type)',
         'TRY_CAST': 'TRY_CAST(x AS type)', 'FIELD': 'row.name', 'NOT': 'NOT BOOLEAN', 'OVERLAPS': '(start, end) OVERLAPS (start, end)',
         'JSON_VALUE': 'JSON_VALUE(json, path [RETURNING type] [{NULL | ERROR | DEFAULT x} ON EMPTY] [{NULL | ERROR | DEFAULT x} ON ERROR])',
         'JSON_QUERY': 'JSON_QUERY(json, path [RETURNING type] [WITHOUT | WITH [CONDITIONAL] ARRAY WRAPPER] '
                       '[{NULL | ERROR | EMPTY ARRAY | EMPTY OBJECT} ON EMPTY] [... ON ERROR])',
         'JSON_EXISTS': 'JSON_EXISTS(json, path [{TRUE | FALSE | UNKNOWN | ERROR} ON ERROR])',
         'JSON_OBJECT': 'JSON_OBJECT([KEY] key VALUE x, ... [{NULL | ABSENT} ON NULL])', 'JSON_ARRAY': 'JSON_ARRAY(x, ... [{NULL | ABSENT} ON NULL])'}


def letters():
    """What a letter of a signature is called, as function.c has it."""
    with open(os.path.join(ROOT, 'src', 'expr', 'function.c'), encoding='utf-8') as f:
        body = f.read().split('letter_name(char letter)')[1].split('default:')[0]
    names, waiting = {}, []
    for letter, name in re.findall(r"case '(\w)':(?:\s*return \"([^\"]*)\";)?", body):
        waiting.append(letter)
        if name:
            names.update((x, name) for x in waiting)
            waiting = []
    return names


def call(name, args, flags, names):
    if name in FORMS and not (name in ('FLOOR', 'CEIL')):
        return FORMS[name]
    parts, optional = [], False
    for c in args:
        if c == '?':
            optional = True
            parts.append('[')
        elif c == '*':
            parts.append('...')
        else:
            parts.append(names.get(c, 'ANY'))
    if 'SB_FN_INFIX' in flags and len(args) >= 2:
        return '%s %s %s' % (parts[0], name, parts[1])
    if 'SB_FN_POSTFIX' in flags:
        return '%s %s' % (parts[0], name)
    if name in ('-',) or (args[1:] == 'u'):
        return '-%s' % parts[0] if name == '-' else '%s(%s TO unit)' % (name, parts[0])
    joined = re.sub(r'(, )?\[(, )?', lambda m: ' [, ' if m.group(1) else '[', ', '.join(parts))
    return '%s(%s)' % (name, joined + (']' if optional else ''))


def page():
    names = letters()
    with open(os.path.join(ROOT, 'src', 'expr', 'catalogue.def'), encoding='utf-8') as f:
        rows = ROW.findall(f.read())
    out = ['# Functions', '', 'Every scalar function, with what it takes. Made from `src/expr/catalogue.def` by `tools/check_functions.py --write`.',
           'What is missing or differs from Flink: `docs/gaps.md`.', '']
    for key, title in TITLES:
        out += ['## ' + title, '', '| call | gives |', '| --- | --- |']
        seen = set()
        for category, name, args, result, flags, doc in rows:
            form = call(name, args, flags, names).replace('|', '\\|')
            if category == key and (form, doc) not in seen:
                seen.add((form, doc))
                out.append('| `%s` | %s |' % (form, doc.replace('\\"', '"')))
        out.append('')
    return '\n'.join(out)


def missing():
    """Functions of Flink's that are neither here nor in docs/gaps.md."""
    with open(os.path.join(ROOT, 'src', 'expr', 'testdata', 'flink_functions.inc'), encoding='utf-8') as f:
        names = re.findall(r'\{"([^"]+)", "missing"\}', f.read())
    with open(os.path.join(ROOT, 'docs', 'gaps.md'), encoding='utf-8') as f:
        gaps = f.read()
    return [n for n in names if '`%s`' % n not in gaps]


def main():
    text = page()
    if '--write' in sys.argv[1:]:
        with open(PAGE, 'w', encoding='utf-8') as f:
            f.write(text)
        return 0
    try:
        with open(PAGE, encoding='utf-8') as f:
            current = f.read() == text
    except FileNotFoundError:
        current = False
    for name in missing():
        print('%s is missing and not in docs/gaps.md' % name)
        current = False
    print('functions: ok' if current else 'docs/functions.md or docs/gaps.md is not current: tools/check_functions.py --write')
    return 0 if current else 1


if __name__ == '__main__':
    sys.exit(main())
