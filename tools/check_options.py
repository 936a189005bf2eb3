#!/usr/bin/env python3
"""Checks that docs/options.md is what src/plan/settings.def says.

usage: check_options.py [--write]     --write: brings it up to date
"""
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
PAGE = os.path.join(ROOT, 'docs', 'options.md')
TEXT = r'(?:NULL|RESTARTS|"[^"]*")'
ROW = re.compile(r'(\w+)\(("[^"]*"), (%s), (.*), ("[^"]*")\)|(\w+)\(("[^"]*"), (%s), ("[^"]*")\)' % (TEXT, TEXT))
TYPES = {'TEXT': 'text', 'BOOL': '`true` or `false`', 'DURATION': 'duration', 'MEMORY': 'size', 'ZONE': 'time zone'}


def restarts():
    with open(os.path.join(ROOT, 'src', 'plan', 'settings.c'), encoding='utf-8') as f:
        body = f.read().split('#define RESTARTS')[1].split('static')[0]
    return ''.join(re.findall(r'"([^"]*)"', body))


def type_of(form, limits):
    if form in TYPES:
        return TYPES[form]
    if form == 'CHOICE':
        choices = limits.split(', ')[0]
        choices = restarts() if choices == 'RESTARTS' else choices.strip('"')
        return ', '.join('`%s`' % x.split(',')[0] for x in choices.split('|'))
    low, high = limits.split(', ')
    high = {'INT32_MAX': '2147483647', 'INT64_MAX': '9223372036854775807'}.get(high, high)
    return '%s from %s to %s' % ('whole number' if form == 'INT' else 'number', low, high)


def page():
    out = ['# Options', '',
           'The keys of `SET`, of a configuration file and of the environment (`sabot help options` prints the same). Made from',
           '`src/plan/settings.def` by `tools/check_options.py --write`. Options of tables (`WITH`): `docs/guide.md`.', '']
    with open(os.path.join(ROOT, 'src', 'plan', 'settings.def'), encoding='utf-8') as f:
        for line in f:
            title = re.match(r'/\* ---- (.*) ---- \*/', line)
            if title:
                out += ['', '## ' + title.group(1), '', '| key | value | default | meaning |', '| --- | --- | --- | --- |']
                continue
            row = ROW.match(line)
            if not row:
                continue
            form, key, value, limits, text = row.group(1, 2, 3, 4, 5) if row.group(1) else row.group(6, 7, 8) + ('', row.group(9))
            out.append('| `%s` | %s | %s | %s |' % (key.strip('"'), type_of(form, limits),
                                                    '' if value == 'NULL' else '`%s`' % value.strip('"'), text.strip('"')))
    return '\n'.join(out).replace('\n\n\n', '\n\n') + '\n'


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
    print('options: ok' if current else 'docs/options.md is not current: tools/check_options.py --write')
    return 0 if current else 1


if __name__ == '__main__':
    sys.exit(main())
