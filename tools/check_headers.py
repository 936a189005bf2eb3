#!/usr/bin/env python3
"""Check: each header compiles alone; the public ones as C++ too. Template headers (*.tmpl.h) are left out.

    check_headers.py [header...]
"""
import concurrent.futures
import os
import shlex
import subprocess
import sys

from sources import ROOT, code_files, report

BUILD = os.environ.get("SABOT_BUILD") or os.path.join(ROOT, "build", "dev")
MODULES = ["jansson", "libxxhash", "libutf8proc", "libcrypto", "cmocka"]
FLAGS = ["-D_GNU_SOURCE", "-DSB_DEBUG=1", "-Wall", "-Wextra", "-Wundef", "-Wno-unused-function", "-Werror", "-fsyntax-only",
         "-I" + os.path.join(ROOT, "src"), "-I" + os.path.join(ROOT, "include"), "-I" + ROOT,
         "-I" + os.path.join(BUILD, "generated")]


def library_flags():
    flags = []
    for module in MODULES:
        found = subprocess.run(["pkg-config", "--cflags", module], capture_output=True, text=True, check=False)
        flags += shlex.split(found.stdout) if found.returncode == 0 else []
    return flags


def compile_alone(job):
    path, language, standard, extra = job
    name = path[4:] if path.startswith("src/") else path[len("include/"):] if path.startswith("include/") else path
    compiler = os.environ.get("CXX", "g++") if language == "c++" else os.environ.get("CC", "gcc")
    done = subprocess.run([compiler, "-x", language, standard, *FLAGS, *extra, "-"], input=f'#include "{name}"\n',
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    first = next((l for l in done.stderr.split("\n") if "error" in l), done.stderr.split("\n")[0])
    return f"{path}: does not compile alone as {language}: {first.replace(ROOT + '/', '')}"


def main(argv):
    headers = argv or [p for p in code_files(("include", "src", "sim"), (".h",)) if not p.endswith(".tmpl.h")]
    extra = library_flags()
    jobs = []
    for path in headers:
        cmocka = ["-include", "setjmp.h", "-include", "stdarg.h", "-include", "stddef.h", "-include", "stdint.h"] \
            if path.endswith("_testing.h") else []
        jobs.append((path, "c", "-std=gnu17", extra + cmocka))
        if path.startswith("include/"):
            jobs.append((path, "c++", "-std=c++17", extra))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = [p for p in pool.map(compile_alone, jobs) if p]
    return report(problems, "headers")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
