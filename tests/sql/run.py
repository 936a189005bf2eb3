#!/usr/bin/env python3
"""Bad scripts through the program: errors/NAME.sql must fail with exit code 1, print nothing to standard output and exactly
errors/NAME.err to standard error.

usage: run.py [--sabot PATH] [NAME...]        (names or patterns like 'window-*'; all without). SABOT names the program.

Each script runs in a folder of its own that holds only the script. Prints PASS or FAIL per script with the difference, then
"N passed, N failed". An .err file is written by hand: message, place and hint as a user should see them.
"""
import argparse
import concurrent.futures
import difflib
import fnmatch
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ERRORS = os.path.join(HERE, 'errors')


def check(name, sabot, timeout):
    """None if the script fails as it should, else what is wrong."""
    try:
        with open(os.path.join(ERRORS, name + '.err'), encoding='utf-8') as f:
            want = f.read()
    except OSError:
        return 'there is no %s.err' % name
    with tempfile.TemporaryDirectory(prefix='sabot-sql-') as folder:
        shutil.copy(os.path.join(ERRORS, name + '.sql'), folder)
        try:
            r = subprocess.run([sabot, 'run', name + '.sql'], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                               timeout=timeout, env=dict(os.environ, TZ='UTC', LC_ALL='C.UTF-8'))
        except subprocess.TimeoutExpired:
            return 'still running after %g s' % timeout
        except OSError as e:
            return 'cannot run: %s' % e
        left = sorted(set(os.listdir(folder)) - {name + '.sql'})
    wrong = []
    if r.returncode != 1:
        wrong.append('exit code %d' % r.returncode)
    if r.stdout:
        wrong.append('standard output: ' + r.stdout.decode('utf-8', 'replace')[:200])
    if left:
        wrong.append('files left behind: ' + ', '.join(left))
    got = r.stderr.decode('utf-8', 'replace')
    if got != want:
        wrong += difflib.unified_diff(want.splitlines(), got.splitlines(), 'expected', 'got', lineterm='')
    return '\n    '.join(wrong) or None


def main():
    sys.stdout.reconfigure(encoding='utf-8', errors='replace')
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('names', nargs='*', metavar='NAME')
    ap.add_argument('--sabot', metavar='PATH', default=os.environ.get('SABOT'))
    ap.add_argument('-j', '--jobs', type=int, default=os.cpu_count() or 1, metavar='N', help='scripts at a time')
    ap.add_argument('--timeout', type=float, default=60, metavar='S', help='per script')
    o = ap.parse_args()
    if not o.sabot:
        ap.error('give --sabot PATH')
    sabot = os.path.abspath(o.sabot) if os.path.sep in o.sabot else o.sabot
    every = sorted(n[:-4] for n in os.listdir(ERRORS) if n.endswith('.sql'))
    for n in os.listdir(ERRORS):
        if n.endswith('.err') and n[:-4] not in every:
            sys.exit('%s has no script' % n)
    for p in o.names:
        if not fnmatch.filter(every, p):
            sys.exit('no such script: ' + p)
    names = [n for n in every if not o.names or any(fnmatch.fnmatchcase(n, p) for p in o.names)]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(max(1, o.jobs)) as pool:
        for name, wrong in zip(names, pool.map(lambda n: check(n, sabot, o.timeout), names)):
            bad += wrong is not None
            print('PASS ' + name if wrong is None else 'FAIL %s: %s' % (name, wrong), flush=True)
    print('%d passed, %d failed' % (len(names) - bad, bad))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
