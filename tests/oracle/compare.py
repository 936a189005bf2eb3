#!/usr/bin/env python3
"""Runs the cases through sabot and compares the sinks with what Apache Flink 2.3.0 gave.

usage: compare.py --sabot PATH [options] [CASE...]        (names or patterns like 'join-*'; all without)

Prints PASS or FAIL per case with the first difference, then "N passed, N failed". README.md says how sinks are compared.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import itertools
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, 'cases')
TOKEN = re.compile(r"'(?:[^']|'')*'|`(?:[^`]|``)*`|--[^\n]*|/\*.*?\*/|[A-Za-z_][\w$]*|\s+|.", re.S)


class Number(str):
    """A number as it is written."""


def tables(script):
    """Of every table that writes out/x: x -> columns of its primary key."""
    found, statement = {}, []
    for token in TOKEN.findall(script) + [';']:
        if token.isspace() or token.startswith(('--', '/*')):
            continue
        if token != ';':
            statement.append(token)
            continue
        words = [x.upper() for x in statement]
        if words[:2] == ['CREATE', 'TABLE']:
            path = next((statement[i + 2].strip("'") for i, t in enumerate(statement[:-2]) if t == "'path'"), '')
            key = []
            for i in range(len(words) - 1):
                if words[i:i + 2] == ['PRIMARY', 'KEY']:
                    if words[i + 2] == '(':
                        key = [t.strip('`') for t in itertools.takewhile(lambda t: t != ')', statement[i + 3:]) if t != ',']
                    else:       # a column's own constraint: its name follows the last comma or parenthesis
                        start = max(j for j in range(i) if statement[j] in '(,')
                        key = [statement[start + 1].strip('`')]
            if path.startswith('out/'):
                found[path[4:]] = key
        statement = []
    return found


def canonical(value, kind):
    """A text that is equal for equal values: floating point by value, all other numbers as they are written."""
    if isinstance(value, Number):
        if 'DOUBLE' in kind or 'FLOAT' in kind:
            x = float(value)
            if 'DOUBLE' not in kind:
                try:
                    x = struct.unpack('f', struct.pack('f', x))[0]
                except OverflowError:
                    pass
            return repr(x)
        return str(value)
    if isinstance(value, Pairs):
        if kind.startswith('MULTISET'):     # a set: its order is Flink's hashing
            value = sorted(value, key=lambda x: x[0])
        return '{' + ','.join('%s:%s' % (json.dumps(k), canonical(v, kind)) for k, v in value) + '}'
    if isinstance(value, list):
        return '[' + ','.join(canonical(v, kind) for v in value) + ']'
    return json.dumps(value)


class Pairs(list):
    """A JSON object: names and values in their order."""


class Line:
    """One row of a sink: text as it stands, op, the columns' canonical values, and the whole in canonical form."""

    def __init__(self, text, types):
        self.text, self.op, self.columns = text, '', {}
        try:
            row = json.loads(text, object_pairs_hook=Pairs, parse_int=Number, parse_float=Number)
        except ValueError:
            row = None
        if not isinstance(row, Pairs):      # a line of csv or raw
            self.value = self.row = text
            return
        if [k for k, _ in row] == ['op', 'data'] and isinstance(row[1][1], Pairs):
            self.op, row = row[0][1], row[1][1]
        self.columns = {k: canonical(v, types.get(k, '')) for k, v in row}
        self.row = '{' + ','.join('%s:%s' % (json.dumps(k), canonical(v, types.get(k, ''))) for k, v in row) + '}'
        self.value = self.op + self.row

    def key(self, columns):
        return tuple(self.columns.get(c) for c in columns)


def read(path, types):
    """The rows of a file, or of all files of a folder in order of name; files that start with . or _ are in progress."""
    files = []
    if os.path.isdir(path):
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(f for f in folders if f[0] not in '._')
            files += [os.path.join(folder, n) for n in sorted(names) if n[0] not in '._']
    elif os.path.exists(path):
        files.append(path)
    lines = []
    for f in files:
        with open(f, encoding='utf-8', newline='\n') as g:
            text = g.read()
        lines += text.split('\n')[:-1] if text.endswith('\n') else text.split('\n') if text else []
    return [Line(x, types) for x in lines]


def final(lines, key):
    """What the changelog amounts to: a multiset of rows, by key if there is one."""
    rows, by_key = collections.Counter(), {}
    for x in lines:
        if key:
            k = x.key(key)
            if x.op in ('-D', '-U'):
                if x.op == '-D' or by_key.get(k) == x.row:
                    by_key.pop(k, None)
            else:
                by_key[k] = x.row
        else:
            rows[x.row] += -1 if x.op in ('-D', '-U') else 1
    return collections.Counter(by_key.values()) if key else collections.Counter({k: n for k, n in rows.items() if n})


def differ_lists(want, got, note=''):
    for i in range(max(len(want), len(got))):
        w, g = (want[i] if i < len(want) else None), (got[i] if i < len(got) else None)
        if w is None or g is None or w.value != g.value:
            return '%sline %d (of %d expected, %d got)\n    expected: %s\n    got:      %s' % (
                note, i + 1, len(want), len(got), w.text if w else '(no more)', g.text if g else '(no more)')
    return None


def differ_counts(want, got, what):
    missing, extra = want - got, got - want
    missing.update({k: -n for k, n in got.items() if n < 0 and want[k] > n})
    extra.update({k: -n for k, n in want.items() if n < 0 and got[k] > n})
    if not missing and not extra and want == got:
        return None
    return '%s\n    missing:    %s\n    unexpected: %s' % (what, '; '.join('%s x%d' % x for x in list(missing.items())[:2]) or '-',
                                                           '; '.join('%s x%d' % x for x in list(extra.items())[:2]) or '-')


def differ(want, got, mode, key):
    """None, or the first difference under a mode."""
    name, _, columns = mode.partition(':')
    columns = [c.strip() for c in columns.split(',') if c.strip()]
    if name == 'ordered':
        return differ_lists(want, got)
    if name == 'multiset':
        return differ_counts(collections.Counter(x.value for x in want), collections.Counter(x.value for x in got), 'as a multiset')
    if name == 'final':
        return differ_counts(final(want, key), final(got, key), 'final rows')
    if name == 'ordered-by-key':
        for k in dict.fromkeys(x.key(columns) for x in want + got):
            d = differ_lists([x for x in want if x.key(columns) == k], [x for x in got if x.key(columns) == k], 'for %s: ' % dict(zip(columns, k)))
            if d:
                return d
        return None
    if name in ('runs', 'op-runs'):
        run = (lambda x: x.op) if name == 'op-runs' else (lambda x: x.key(columns))
        return differ_lists(*[[x for _, g in itertools.groupby(lines, run) for x in sorted(g, key=lambda x: x.value)] for lines in (want, got)], note='runs sorted: ')
    return 'no such mode: ' + mode


def script_with(text, settings):
    """SETs in front of a script; its own ones of the same keys go."""
    for s in settings:
        k, v = s.split('=', 1)
        text = re.sub(r"(?im)^\s*SET\s+'?%s'?\s*=\s*'?[^;]*;" % re.escape(k), '', text)
        text = "SET '%s' = '%s';\n" % (k, v.replace("'", "''")) + text
    return text


def check(case, o):
    """None if the case passes, else what is wrong."""
    folder = os.path.join(CASES, case)
    expected = os.path.join(folder, 'expected')
    if not os.path.isdir(expected):
        return 'nothing recorded'
    modes = {}
    if os.path.exists(os.path.join(folder, 'compare.json')):
        with open(os.path.join(folder, 'compare.json'), encoding='utf-8') as f:
            modes = json.load(f)
    with open(os.path.join(expected, 'flink.json'), encoding='utf-8') as f:
        types = {name: x['columns'] for name, x in json.load(f)['outputs'].items()}
    with open(os.path.join(folder, 'script.sql'), encoding='utf-8') as f:
        script = f.read()
    sinks = tables(script)
    fails = os.path.exists(os.path.join(expected, 'error.txt'))
    temp = None
    try:
        if o.recorded:
            out = os.path.join(folder, o.recorded)
            failed = os.path.exists(os.path.join(out, 'error.txt'))
            if failed != fails:
                return 'one recording failed, the other did not'
            if failed:
                a, b = [open(os.path.join(x, 'error.txt'), encoding='utf-8').readline() for x in (expected, out)]
                return None if a == b else 'other error: ' + b.strip()
        else:
            temp = tempfile.mkdtemp(prefix='sabot-%s-' % case)
            with open(os.path.join(temp, 'script.sql'), 'w', encoding='utf-8') as f:
                f.write(script_with(script, o.set))
            if os.path.isdir(os.path.join(folder, 'in')):
                shutil.copytree(os.path.join(folder, 'in'), os.path.join(temp, 'in'))
            try:
                r = subprocess.run([o.sabot, 'run', 'script.sql'], cwd=temp, stdin=subprocess.DEVNULL, capture_output=True, timeout=o.timeout, env=dict(os.environ, TZ='UTC'))
            except subprocess.TimeoutExpired:
                return 'still running after %g s' % o.timeout
            except OSError as e:
                return 'cannot run: %s' % e
            stderr = r.stderr.decode('utf-8', 'replace')
            if fails:
                if r.returncode < 0:
                    return 'killed by signal %d where an error was due' % -r.returncode
                if r.returncode == 0:
                    with open(os.path.join(expected, 'error.txt'), encoding='utf-8') as f:
                        return 'succeeded, but should fail like: ' + f.readline().strip()[:200]
                if modes.get('error_contains', '') not in stderr:
                    return 'the error does not contain %r: %s' % (modes['error_contains'], stderr.strip()[-300:])
                return None
            if r.returncode:
                return 'exit code %d: %s' % (r.returncode, stderr.strip()[-600:] or '(no message)')
            out = os.path.join(temp, 'out')
        for name in sorted(set(sinks) | {n for n in os.listdir(expected) if n not in ('flink.json', 'error.txt')}):
            want, got = [read(os.path.join(x, name), types.get(name, {})) for x in (expected, out)]
            d = differ(want, got, o.mode or modes.get(name, 'ordered'), sinks.get(name))
            if d:
                return '%s: %s' % (name, d)
        return None
    except (OSError, ValueError) as e:
        return '%s: %s' % (type(e).__name__, e)
    finally:
        if temp and not o.keep:
            shutil.rmtree(temp, ignore_errors=True)
        elif temp:
            print('%s: %s' % (case, temp), file=sys.stderr)


def main():
    sys.stdout.reconfigure(encoding='utf-8', errors='replace')
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('cases', nargs='*', metavar='CASE')
    ap.add_argument('--sabot', metavar='PATH', default=None, help='the program; it is called as: PATH run script.sql')
    ap.add_argument('-j', '--jobs', type=int, default=os.cpu_count() or 1, metavar='N', help='cases at a time')
    ap.add_argument('--timeout', type=float, default=60, metavar='S', help='per case')
    ap.add_argument('--set', action='append', default=[], metavar='K=V', help="put in front of each script as SET, wins over the script's own")
    ap.add_argument('--mode', choices=['ordered', 'multiset', 'final'], help='for all sinks, instead of what compare.json says')
    ap.add_argument('--without', action='append', default=[], metavar='PATTERN', help="leave cases out, e.g. 'quirk-*'")
    ap.add_argument('--keep', action='store_true', help='keep the temporary folders')
    ap.add_argument('--recorded', metavar='NAME', help='run nothing, compare with cases/*/NAME instead (used by record --check)')
    o = ap.parse_args()
    if not o.sabot and not o.recorded:
        o.sabot = os.environ.get('SABOT')
    if bool(o.sabot) == bool(o.recorded):
        ap.error('give --sabot PATH')
    if o.sabot and os.path.sep in o.sabot:
        o.sabot = os.path.abspath(o.sabot)
    every = sorted(n for n in os.listdir(CASES) if os.path.exists(os.path.join(CASES, n, 'script.sql')))
    patterns = [c.rstrip('/').split('/')[-1] for c in o.cases]
    for p in patterns:
        if not fnmatch.filter(every, p):
            sys.exit('no such case: ' + p)
    names = [n for n in every if (not patterns or any(fnmatch.fnmatchcase(n, p) for p in patterns)) and not any(fnmatch.fnmatchcase(n, p) for p in o.without)]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(max(1, o.jobs)) as pool:
        for name, wrong in zip(names, pool.map(lambda n: check(n, o), names)):
            bad += wrong is not None
            print('PASS ' + name if wrong is None else 'FAIL %s: %s' % (name, wrong), flush=True)
    print('%d passed, %d failed' % (len(names) - bad, bad))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
