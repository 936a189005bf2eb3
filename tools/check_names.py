#!/usr/bin/env python3
"""Check: names and the things around the code.

    functions that are not static are sb_* (sabot_* in the public API and the engine that implements it);
    types of headers are sb_* / sabot_* and do not end in _t; macros of headers are SB_* / SABOT_*;
    header guards follow the path; each folder of src/ has a README.md;
    no path of one machine anywhere; nothing left behind in the code.
"""
import os
import re
import sys

from sources import ROOT, blank, code_files, functions, read, repository_files, report

EXCEPT_FUNCTIONS = {"main", "LLVMFuzzerTestOneInput", "LLVMFuzzerInitialize", "LLVMFuzzerCustomMutator"}
ARROW = re.compile(r"^(Arrow|ARROW_)")
LEFT_BEHIND = re.compile(r"\b(todo|fixme|xxx|stub|stubs|not implemented yet|placeholder)\b", re.I)
LEFT_FOLDERS = ("src/", "include/", "bindings/", "web/", "sim/", "bench/")
HERE = os.path.dirname(ROOT).rstrip("/")  # the folder this copy of the repository stands in
# Homes of people and of root; spelled so that this line is none itself.
HOMES = ["/" + name for name in (r"home/[a-z]\w*/", r"Users/\w+/", r"root/\w")]
MACHINE_PATH = re.compile(r"(?<![\w.])(" + "|".join(HOMES)
                          + (f"|{re.escape(HERE)}/" if HERE.count("/") and len(HERE) > 4 else "") + ")")
TEXT = (".c", ".h", ".cc", ".def", ".py", ".sh", ".md", ".txt", ".cmake", ".json", ".sql", ".yml", ".yaml", ".java",
        ".toml", ".map", ".in", ".js", ".ts", ".tsx", "Makefile", ".supp", "/run", "/record")


def wanted_guard(path):
    inner = path[4:] if path.startswith("src/") else path[len("include/"):] if path.startswith("include/") else path
    guard = re.sub(r"[^A-Za-z0-9]", "_", inner).upper()
    if path.startswith("sim/"):
        return guard
    return guard if path.startswith("include/") else "SB_" + guard


def check_header(path, text, code, problems):
    public = path.startswith("include/")
    prefixes = ("sabot_",) if public else ("sb_", "sabot_")
    if path.startswith("sim/"):
        prefixes = ("sim_", "sb_")
    if not path.endswith(".tmpl.h"):
        guard = re.search(r"^#ifndef (\w+)\n#define (\w+)\b", code, re.M)
        want = wanted_guard(path)
        if not guard or guard.group(1) != guard.group(2) or guard.group(1) != want:
            problems.append(f"{path}: the header guard is {want}")
    for match in re.finditer(r"^(?:typedef\s+)?(?:struct|union|enum)\s+(\w+)\s*\{|^typedef\b[^;{]*?\b(\w+)\s*;"
                             r"|^\}\s*(\w+)\s*;|^typedef\b[^;{]*\(\*(\w+)\)", code, re.M):
        name = next(filter(None, match.groups()))
        line = code.count("\n", 0, match.start()) + 1
        if ARROW.match(name) or path.endswith(".tmpl.h"):
            continue
        if not name.startswith(prefixes):
            problems.append(f"{path}:{line}: type {name} begins with {prefixes[0]}")
        if name.endswith("_t"):
            problems.append(f"{path}:{line}: type {name} does not end in _t")
    if path.endswith(".tmpl.h"):
        return
    allowed = ("SABOT_",) if public else ("SB_", "SABOT_", "sb_")
    if path.startswith("sim/"):
        allowed += ("SIM_", "sim_")
    if path.endswith("_testing.h"):
        allowed += ("ST_",)
    for match in re.finditer(r"^#\s*define\s+(\w+)", code, re.M):
        name = match.group(1)
        undefined = re.search(rf"^#\s*undef\s+{name}\b", code, re.M)  # a table's helper, gone at the end
        if not name.startswith(allowed) and not ARROW.match(name) and not undefined:
            line = code.count("\n", 0, match.start()) + 1
            problems.append(f"{path}:{line}: macro {name} begins with {allowed[0]}")


def check_functions(path, text, problems):
    parts = path.split("/")
    if parts[0] not in ("src", "sim"):
        return
    allowed = ["sb_"]
    if parts[0] == "sim":
        allowed.append("sim_")
    if parts[1] == "engine":
        allowed.append("sabot_")
    for function in functions(text):
        name = function.name
        if function.is_static or name in EXCEPT_FUNCTIONS or name.isupper():
            continue
        if not name.startswith(tuple(allowed)):
            problems.append(f"{path}:{function.line}: {name}() is not static and does not begin with {allowed[-1]}")


def check_text(path, problems):
    try:
        text = read(path)
    except OSError:
        return
    for number, line in enumerate(text.split("\n"), 1):
        if MACHINE_PATH.search(line) and path != "tools/check_names.py":
            problems.append(f"{path}:{number}: a path of one machine")
        if path.startswith(LEFT_FOLDERS) and LEFT_BEHIND.search(line) and not path.endswith("lock.json"):
            problems.append(f"{path}:{number}: left behind: {line.strip()[:60]}")


def main():
    problems = []
    for path in code_files(("src", "include", "sim")):
        text = read(path)
        code = blank(text)
        if path.endswith(".h"):
            check_header(path, text, code, problems)
        if not path.endswith(".tmpl.h"):
            check_functions(path, text, problems)
    for path in repository_files():
        if path.endswith(TEXT) and "/corpus/" not in path and "/expected/" not in path:
            check_text(path, problems)
    source = os.path.join(ROOT, "src")
    for folder in sorted(os.listdir(source)) if os.path.isdir(source) else []:
        here = os.path.join(source, folder)
        if os.path.isdir(here) and os.listdir(here) and not os.path.exists(os.path.join(here, "README.md")):
            problems.append(f"src/{folder}/README.md is missing")
    return report(problems, "names")


if __name__ == "__main__":
    sys.exit(main())
