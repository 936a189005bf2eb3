#!/usr/bin/env python3
"""Check: libsabot.so exports only sabot_*, exactly what include/sabot/ declares; inside, every symbol has a prefix.

    check_symbols.py      SABOT_BUILD names the build to look at (default build/release)
"""
import os
import re
import subprocess
import sys

from sources import ROOT, blank, code_files, read, report

BUILD = os.environ.get("SABOT_BUILD") or os.path.join(ROOT, "build", "release")
SANITIZER = re.compile(r"^(__asan|__ubsan|__tsan|__odr_asan|__gcov|__llvm|_Z|DW\.ref\.|__gxx|__covrec)")


def symbols(arguments, path):
    out = subprocess.run(["nm", *arguments, path], capture_output=True, text=True, check=True).stdout
    found = set()
    for line in out.split("\n"):
        words = line.split()
        if len(words) >= 2 and words[-2] in "TDBRGSVWCi":
            found.add((words[-1].split("@")[0], words[-2]))
    return found


def declared():
    names = set()
    for path in code_files(("include",), (".h",)):
        code = re.sub(r"^\s*#(?:[^\n\\]|\\\n|\\.)*", "", blank(read(path)), flags=re.M)
        code, inner = re.sub(r'extern\s*"[^"]*"\s*\{', "", code), None
        while inner != code:  # bodies and structs, the innermost first: their members are no exports
            inner, code = code, re.sub(r"\{[^{}]*\}", ";", code)
        for statement in re.split(r"[;{}]", code):
            if re.match(r"\s*typedef\b", statement) or re.search(r"\bstatic\b", statement):
                continue
            match = re.search(r"\b(sabot_\w+)\s*\(", statement)
            if match:
                names.add(match.group(1))
    return names


def main():
    problems = []
    shared = os.path.join(BUILD, "libsabot.so")
    if not os.path.exists(shared):
        print(f"no {shared}: build it first")
        return 1
    exported = {name for name, kind in symbols(["-D", "--defined-only"], shared)}
    exported.discard("SABOT_0.1")
    problems += [f"libsabot.so exports {n}" for n in sorted(exported) if not n.startswith("sabot_")]
    wanted = declared()
    problems += [f"{n} is declared in include/sabot but libsabot.so does not export it" for n in sorted(wanted - exported)]
    problems += [f"libsabot.so exports {n}, which include/sabot does not declare" for n in sorted(exported - wanted)]
    archive = os.path.join(BUILD, "libsabot_static.a")
    if os.path.exists(archive):
        for name, kind in sorted(symbols(["--defined-only", "--extern-only"], archive)):
            if not name.startswith(("sb_", "sabot_")) and not SANITIZER.match(name):
                problems.append(f"global symbol {name} has no prefix")
    return report(problems, "symbols")


if __name__ == "__main__":
    sys.exit(main())
