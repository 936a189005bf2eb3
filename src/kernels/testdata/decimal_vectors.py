#!/usr/bin/env python3
"""Writes decimal_vectors.inc: decimal operations with their results, calculated by Python's decimal module.

A row is {op, a, scale_a, b, scale_b, precision, scale, result}; values are unscaled integers as text, result "" is an
overflow. Operations as BigDecimal in Flink: + - * exact, then HALF_UP; / first to 38 digits, then HALF_UP; % exact.
"""
import decimal
import random

decimal.getcontext().prec = 400
decimal.getcontext().rounding = decimal.ROUND_HALF_UP
D = decimal.Decimal
M38 = decimal.Context(prec=38, rounding=decimal.ROUND_HALF_UP)


def settle(value, p, s):
    v = value.quantize(D(1).scaleb(-s), rounding=decimal.ROUND_HALF_UP)
    unscaled = int(v.scaleb(s))
    return '' if abs(unscaled) >= 10 ** p else str(unscaled)


def calc(op, a, sa, b, sb, p, s):
    x, y = D(a).scaleb(-sa), D(b).scaleb(-sb)
    if op == '+':
        r = x + y
    elif op == '-':
        r = x - y
    elif op == '*':
        r = x * y
    elif op == '/':
        r = M38.divide(x, y)
    else:
        r = x % y       # the sign of the dividend, as in Java
    return settle(r, p, s)


def pick(rng):
    p = rng.choice([1, 3, 9, 17, 18, 19, 20, 28, 37, 38])
    s = rng.randint(0, p)
    digits = rng.randint(1, p)
    kind = rng.randint(0, 5)
    if kind == 0:
        v = 10 ** digits - 1
    elif kind == 1:
        v = 10 ** (digits - 1)
    elif kind == 2:
        v = 5 * 10 ** (digits - 1) // 10
    else:
        v = rng.randint(0, 10 ** digits - 1)
    return (-v if rng.randint(0, 1) else v), p, s


def result_type(op, p1, s1, p2, s2):
    if op in '+-':
        s, p = max(s1, s2), max(p1 - s1, p2 - s2) + max(s1, s2) + 1
    elif op == '*':
        s, p = s1 + s2, p1 + p2 + 1
    elif op == '/':
        s = max(6, s1 + p2 + 1)
        p = p1 - s1 + s2 + s
    else:
        s, p = max(s1, s2), min(p1 - s1, p2 - s2) + max(s1, s2)
    if p > 38:
        s, p = max(38 - (p - s), min(s, 6)), 38
    return max(p, 1), s


def main():
    rng = random.Random(20240229)
    rows = []
    # Double rounding: 4.4999..975 becomes 4.5 with 38 digits and then 5.
    n, d = 10 ** 38 - 1, 2 * 10 ** 37 + 1
    rows.append(('/', 4 * d + d // 2, 0, d, 0, 38, 0))
    rows.append(('/', 3 * d + d // 2, 0, -d, 0, 38, 0))
    rows.append(('/', 4 * d + d // 2 - 1, 0, d, 0, 38, 0))
    rows.append(('/', 5 * 10 ** 36 - 1, 0, 10 ** 37, 0, 38, 0))
    rows.append(('/', (10 ** 38 - 3) // 2, 0, 10 ** 38 - 1, 0, 38, 6))
    rows.append(('/', n, 0, 2, 0, 38, 0))
    rows.append(('/', n // 2, 0, n, 0, 38, 0))
    rows.append(('/', n // 2 - 1, 0, n, 0, 38, 0))
    rows.append(('/', n, 38, 3, 37, 38, 0))
    while len(rows) < 1500:
        op = rng.choice('+-*/%')
        a, p1, s1 = pick(rng)
        b, p2, s2 = pick(rng)
        if op in '/%' and b == 0:
            continue
        rows.append((op, a, s1, b, s2) + result_type(op, p1, s1, p2, s2))
    with open('decimal_vectors.inc', 'w') as out:
        out.write('/* Made by decimal_vectors.py. */\n')
        for op, a, sa, b, sb, p, s in rows:
            out.write('{\'%s\', "%d", %d, "%d", %d, %d, %d, "%s"},\n' % (op, a, sa, b, sb, p, s, calc(op, a, sa, b, sb, p, s)))


main()
