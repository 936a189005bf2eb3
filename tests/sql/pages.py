#!/usr/bin/env python3
"""Every SQL page of Flink's documentation: pages/PAGE.sql exercises each form that the page shows, over small tables of our own.

usage: pages.py [--sabot PATH] [--count] [PAGE...]     (names or patterns like 'queries-*'; all without). SABOT names the program.

pages/PAGES lists the pages, one "name: page" a line. A page is a text of blocks with a blank line between them:

    -- any comment                a block of comments only is for the reader

    -- setup                      statements that run before every case below, up to the next setup
    CREATE TABLE ...;

    -- ok                         a case: one marker, statements (the last may have a result), what is expected
    SELECT id, name FROM t;
    -- > 1 | ann
    -- > 2 | NULL

markers:
    -- ok                         it runs; the rows below are its result in any order, in that order if it says ORDER BY.
                                  Without rows below: it has none
    -- changes                    the same with the kind of each change in front: -- > +I | 1 | ann
    -- batch                      as ok, in batch mode
    -- refused: NAME              before anything runs it says "not supported: NAME", and docs/gaps.md has NAME
    -- error: TEXT                it fails with a message that has TEXT
and in front of one of them:
    -- known: why                 what is expected does not happen yet; the run fails when it does
    -- # text                     a comment
expected, below the statements of ok, changes and batch:
    -- > a | b                    a row; bytes and control characters as the mode tsv prints them
    -- ~ regex                    a row that matches, for what is not the same each time
    -- names: a | b               the names of the columns
    -- has: text                  a line of the output has this text (for plans); nothing else is looked at
    -- any                        the rows are not looked at

Each case is a run of its own in a folder of its own. Expected rows are written by hand, or come from Flink.
"""
import argparse
import concurrent.futures
import fnmatch
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PAGES = os.path.join(HERE, 'pages')
GAPS = os.path.join(HERE, '..', '..', 'docs', 'gaps.md')
MARKERS = ('ok', 'changes', 'batch', 'refused', 'error')


class Case:
    def __init__(self, page, line, setup):
        self.page, self.line, self.setup = page, line, setup
        self.marker = self.text = self.known = self.names = None
        self.sql, self.rows, self.has = [], [], []
        self.any = False

    def where(self):
        return '%s:%d' % (self.page, self.line)


class Bad(Exception):
    """The page is not written as it should be."""


# ---- reading a page -----------------------------------------------------------------------------------------------

def blocks(text):
    """(number of the first line, lines) of each block."""
    block = []
    for number, line in enumerate(text.split('\n') + [''], 1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def expectation(case, line):
    """Whether the line is one that follows the statements of a case."""
    if line.startswith('-- > '):
        case.rows.append(line[5:])
    elif line.startswith('-- ~ '):
        case.rows.append(re.compile(line[5:]))
    elif line.startswith('-- names: '):
        case.names = line[10:]
    elif line.startswith('-- has: '):
        case.has.append(line[8:])
    elif line == '-- any':
        case.any = True
    else:
        return False
    return True


def read_case(case, lines):
    for line in lines:
        word = re.match(r'-- (\w+)(?:: (.+))?$', line)
        if not case.sql and line.startswith('-- # '):
            continue
        if not case.sql and word and word[1] == 'known' and word[2] and not case.marker:
            case.known = word[2]
        elif not case.sql and word and word[1] in MARKERS and not case.marker:
            case.marker, case.text = word[1], word[2]
            if (case.text is not None) != (case.marker in ('refused', 'error')):
                raise Bad('%s: marker "%s"' % (case.where(), line))
        elif case.sql and expectation(case, line):
            continue
        elif line.startswith('--') or case.rows or case.has or case.any or not case.marker:
            raise Bad('%s: "%s" stands where it cannot' % (case.where(), line))
        else:
            case.sql.append(line)
    if not case.sql or not case.sql[-1].endswith(';'):
        raise Bad('%s: a case ends with a statement and its semicolon' % case.where())
    if (case.rows or case.has or case.any or case.names) and case.marker in ('refused', 'error'):
        raise Bad('%s: a refused statement has no rows' % case.where())
    return case


def read_page(name):
    with open(os.path.join(PAGES, name + '.sql'), encoding='utf-8') as f:
        text = f.read()
    setup, cases = '', []
    for number, lines in blocks(text):
        if lines[0] == '-- setup':
            setup = '\n'.join(lines[1:]) + '\n'
        elif not all(x.startswith('--') for x in lines):
            cases.append(read_case(Case(name, number, setup), lines))
    if not cases:
        raise Bad('%s has no statement' % name)
    return cases


def page_names():
    with open(os.path.join(PAGES, 'PAGES'), encoding='utf-8') as f:
        names = [x.split(':')[0] for x in f.read().split('\n') if x and not x.startswith('#')]
    files = {x[:-4] for x in os.listdir(PAGES) if x.endswith('.sql')}
    wrong = sorted(['%s has no file' % x for x in names if x not in files] + ['%s is not in PAGES' % x for x in files.difference(names)])
    if len(set(names)) < len(names):
        wrong.append('a page stands twice in PAGES')
    return names, wrong


def gaps():
    """What docs/gaps.md says is not supported."""
    with open(GAPS, encoding='utf-8') as f:
        return f.read().split('## Not supported', 1)[1]


# ---- running a case -----------------------------------------------------------------------------------------------

def run(sabot, case, timeout):
    mode = 'changelog-json' if case.marker == 'changes' else 'tsv'
    extra = ['--set', 'execution.runtime-mode=BATCH'] if case.marker == 'batch' else []
    with tempfile.TemporaryDirectory(prefix='sabot-pages-') as folder:
        with open(os.path.join(folder, 'case.sql'), 'w', encoding='utf-8') as f:
            f.write(case.setup + '\n'.join(case.sql) + '\n')
        r = subprocess.run([sabot, 'run', '-m', mode] + extra + ['case.sql'], cwd=folder, stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=timeout, check=False, env=dict(os.environ, TZ='UTC', LC_ALL='C.UTF-8'))
    return r.returncode, r.stdout.decode('utf-8', 'replace'), r.stderr.decode('utf-8', 'replace')


def value(x):
    if x is None:
        return 'NULL'
    if isinstance(x, bool):
        return str(x).upper()
    return x if isinstance(x, str) else json.dumps(x, ensure_ascii=False)


def result(case, out):
    """Names and rows of the output."""
    lines = out.split('\n')[:-1]
    if case.marker == 'changes':
        rows = [json.loads(x) for x in lines]
        return '', [' | '.join([x['op']] + [value(v) for v in x['data'].values()]) for x in rows]
    lines = [' | '.join('NULL' if v == '\\N' else v for v in x.split('\t')) for x in lines]
    return (lines[0], lines[1:]) if lines else ('', [])


def differ(want, got, ordered):
    """What is wrong with the rows, or None."""
    left = list(got)
    for row in want:
        at = next((i for i, x in enumerate(left[:1] if ordered else left)
                   if (row.fullmatch(x) if hasattr(row, 'fullmatch') else row == x)), None)
        if at is None:
            return 'expected   %s\n    got        %s' % (getattr(row, 'pattern', row), '\n               '.join(left) or 'nothing more')
        del left[at]
    return None if not left else 'not expected: ' + '\n                  '.join(left)


def sorts(sql):
    """Whether the last statement has an ORDER BY outside of parentheses."""
    text = re.sub(r"'[^']*'", '', '\n'.join(sql)).split(';')[-2]
    while re.search(r'\([^()]*\)', text):
        text = re.sub(r'\([^()]*\)', '', text)
    return re.search(r'\bORDER BY\b', text, re.I) is not None


def wrong_rows(case, code, out, err):
    if code != 0:
        return 'exit code %d: %s' % (code, err.strip() or out[:200])
    if case.has:
        missing = [x for x in case.has if x not in out]
        return 'no "%s" in\n%s' % (missing[0], out) if missing else None
    names, rows = result(case, out)
    if case.names is not None and case.names != names:
        return 'names of columns: %s' % names
    return None if case.any else differ(case.rows, rows, sorts(case.sql))


def wrong(case, done, gap):
    """What is wrong with the case, or None."""
    code, out, err = done
    if code < 0 or 'Sanitizer' in err:
        return 'crashed (%d): %s' % (code, err[-300:])
    if case.marker in ('ok', 'changes', 'batch'):
        return wrong_rows(case, code, out, err)
    if code == 0:
        return 'it runs'
    if case.marker == 'error':
        return None if case.text in err else 'says: ' + err.strip()
    if not re.search(r'not supported: ' + re.escape(case.text) + r'(?!\w)', err):
        return 'says: ' + err.strip()
    if out:
        return 'something ran before it was refused: ' + out[:200]
    name = re.sub(r'^(aggregate function|function|type) ', '', case.text)  # a list of them need not say the word each time
    return None if re.search(r'(?<!\w)' + re.escape(name) + r'(?!\w)', gap) else 'docs/gaps.md has no "%s"' % name


def check(sabot, case, gap, timeout):
    try:
        what = wrong(case, run(sabot, case, timeout), gap)
    except subprocess.TimeoutExpired:
        what = 'still running after %g s' % timeout
    if case.known is None:
        return what
    return 'it is as expected now; the line "known" can go' if what is None else None


def count(cases):
    kinds = {}
    for case in cases:
        kind = 'known' if case.known else 'ok' if case.marker in ('changes', 'batch') else case.marker
        kinds[kind] = kinds.get(kind, 0) + 1
    return ', '.join('%d %s' % (kinds[k], k) for k in ('ok', 'refused', 'error', 'known') if k in kinds)


def main():
    sys.stdout.reconfigure(encoding='utf-8', errors='replace')
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('names', nargs='*', metavar='PAGE')
    ap.add_argument('--sabot', metavar='PATH', default=os.environ.get('SABOT'))
    ap.add_argument('--count', action='store_true', help='only say how many forms each page has')
    ap.add_argument('-j', '--jobs', type=int, default=os.cpu_count() or 1, metavar='N', help='cases at a time')
    ap.add_argument('--timeout', type=float, default=60, metavar='S', help='per case')
    o = ap.parse_args()
    if not o.sabot and not o.count:
        ap.error('give --sabot PATH')
    names, bad = page_names()
    chosen = [n for n in names if not o.names or any(fnmatch.fnmatchcase(n, p) for p in o.names)]
    if o.names and not chosen:
        sys.exit('no such page: ' + ' '.join(o.names))
    cases, gap = [], gaps()
    for name in chosen:
        try:
            cases += read_page(name)
        except (Bad, OSError) as e:
            bad.append(str(e))
    for line in bad:
        print('FAIL ' + line)
    if o.count:
        for name in chosen:
            print('%-40s %s' % (name, count([c for c in cases if c.page == name])))
        print('%d pages: %s' % (len(chosen), count(cases)))
        return 1 if bad else 0
    failed = len(bad)
    with concurrent.futures.ThreadPoolExecutor(max(1, o.jobs)) as pool:
        for case, what in zip(cases, pool.map(lambda c: check(os.path.abspath(o.sabot), c, gap, o.timeout), cases)):
            if what is not None:
                failed += 1
                print('FAIL %s: %s\n    %s' % (case.where(), '\n         '.join(case.sql), what.replace('\n', '\n    ')), flush=True)
    print('%d pages, %d forms: %s; %d failed' % (len(chosen), len(cases), count(cases), failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
