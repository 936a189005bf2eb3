#!/usr/bin/env python3
"""Checks that docs/kafka-properties.md is what src/connectors/kafka/kafka_properties.def says.

usage: check_kafka_properties.py [--write]     --write: brings it up to date
"""
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
PAGE = os.path.join(ROOT, 'docs', 'kafka-properties.md')
TABLE = os.path.join(ROOT, 'src', 'connectors', 'kafka', 'kafka_properties.def')
ROW = re.compile(r'X\((\w+), "([^"]*)", (\w+), "([^"]*)", "([^"]*)"\)')
CLIENTS = {'BOTH': '', 'CONSUMER': 'reading', 'PRODUCER': 'writing'}


def becomes(kind, target, text):
    tail = ': ' + text if text else ''
    return {'SAME': 'as it is' + tail,
            'NEWER': 'as it is, if the library knows it' + tail,
            'RENAMED': '`%s`%s' % (target, tail),
            'MADE': '%s%s' % (target, tail),
            'ENGINE': 'read by the connector' + tail,
            'IGNORED': 'changes nothing' + tail,
            'REFUSED': 'refused' + tail}[kind]


def page():
    out = ['# Properties of Kafka clients', '',
           'What `properties.NAME` of a table becomes. Names of the Java client and of librdkafka are both taken; a name that is not here goes to',
           'librdkafka as it is, unless it looks like a slip of the pen for one that is. Made from `src/connectors/kafka/kafka_properties.def` by',
           '`tools/check_kafka_properties.py --write`.']
    with open(TABLE, encoding='utf-8') as f:
        body = f.read().split('clang-format off */')[1]
    names = set()
    for line in body.split('\n'):
        heading = re.match(r'/\* --- (.*) --- \*/', line)
        if heading:
            title = heading.group(1)
            out += ['', '## ' + title[0].upper() + title[1:], '', '| property | for | becomes |', '| --- | --- | --- |']
        elif line.startswith('X('):
            row = ROW.fullmatch(line)
            if not row or row.group(2) in names:
                sys.exit('%s: not a row, or twice: %s' % (TABLE, line))
            kind, name, clients, target, text = row.groups()
            names.add(name)
            out.append('| `%s` | %s | %s |' % (name, CLIENTS[clients], becomes(kind, target, text).replace('|', '\\|')))
    return '\n'.join(out) + '\n'


def main():
    want = page()
    if '--write' in sys.argv[1:]:
        with open(PAGE, 'w', encoding='utf-8') as f:
            f.write(want)
        return 0
    have = open(PAGE, encoding='utf-8').read() if os.path.exists(PAGE) else ''
    if have != want:
        print('docs/kafka-properties.md is not what kafka_properties.def says: tools/check_kafka_properties.py --write')
        return 1
    print('kafka properties: ok')
    return 0


if __name__ == '__main__':
    sys.exit(main())
