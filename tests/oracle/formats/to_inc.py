"""Turns what FormatVectors wrote into lines of C. usage: to_inc.py < OUTPUT > FILE.inc"""
import sys

print("/* What the formats of Apache Flink 2.3.0 make of messages, recorded by tests/oracle/formats/record; the form is told")
print(" * in FormatVectors.java there. Do not edit, record again. */")
for line in sys.stdin:
    line = line.rstrip("\n")
    if line and not line.startswith("#"):
        text = "".join(c if " " <= c <= "~" and c not in '"\\?' else "\\" + c if c in '"\\' else
                       "".join(f"\\{b:03o}" for b in c.encode()) for c in line)
        print(f'"{text}",')
