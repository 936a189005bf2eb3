#!/usr/bin/env python3
"""Check: the examples of the documentation run, and its links lead somewhere.

A fenced block of README.md or docs/**/*.md tagged ```sql run is given to `sabot run`, one tagged ```sh run to bash
with `sabot` on the path; both in a scratch folder that the blocks of one page share, in order. The exit code must
be 0, or for a block tagged `run fails` anything else. A block tagged ```output right after it is what it must print
(on stderr if it fails); blanks at the ends of lines do not count, a line `...` stands for any lines.

    check_docs.py [--links] [page...]       --links: look only at the links (no program needed)
"""
import os
import re
import subprocess
import sys
import tempfile

from sources import ROOT, read, report

SABOT = os.environ.get("SABOT") or os.path.join(ROOT, "build", "release", "sabot")
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```\s*$", re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
LIMIT_S = 120


def pages():
    found = ["README.md", "CHANGELOG.md"]
    for base, _, names in os.walk(os.path.join(ROOT, "docs")):
        found += [os.path.relpath(os.path.join(base, n), ROOT) for n in names if n.endswith(".md")]
    return sorted(p for p in found if os.path.exists(os.path.join(ROOT, p)))


def anchors(text):
    heads = re.findall(r"^#+\s+(.*?)\s*$", FENCE.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def check_links(page, text, problems):
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"^[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(page), file)) if file else page
        if not os.path.exists(os.path.join(ROOT, path)):
            problems.append(f"{page}: link to {target}: no such file")
        elif anchor and path.endswith(".md") and anchor not in anchors(read(path)):
            problems.append(f"{page}: link to {target}: no such heading")


def same_output(wanted, got):
    def lines(text):
        return [line.rstrip() for line in text.rstrip().split("\n")]
    pattern = "\n".join("(?:.*\n?)*?" if line == "..." else re.escape(line) for line in lines(wanted))
    pattern = pattern.replace("(?:.*\n?)*?\n", "(?:.*\n)*?")
    return re.fullmatch(pattern, "\n".join(lines(got))) is not None


def run_block(kind, body, scratch):
    environment = dict(os.environ, PATH=os.path.join(scratch, ".bin") + os.pathsep + os.environ["PATH"],
                       HOME=scratch, SABOT_ROOT=ROOT)
    if kind == "sh":
        command = ["bash", "-euo", "pipefail", "-c", body]
    else:
        with open(os.path.join(scratch, ".block.sql"), "w", encoding="utf-8") as file:
            file.write(body)
        command = [SABOT, "run", ".block.sql"]
    try:
        return subprocess.run(command, cwd=scratch, env=environment, stdin=subprocess.DEVNULL, timeout=LIMIT_S,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    except subprocess.TimeoutExpired:
        return None


def check_blocks(page, text, problems):
    count = 0
    blocks = [(m.group(1).split(), m.group(2), text.count("\n", 0, m.start()) + 1) for m in FENCE.finditer(text)]
    if not any(tag[1:2] == ["run"] for tag, _, _ in blocks):
        return 0
    with tempfile.TemporaryDirectory(prefix="sabot-docs-") as scratch:
        os.mkdir(os.path.join(scratch, ".bin"))
        os.symlink(SABOT, os.path.join(scratch, ".bin", "sabot"))
        for index, (tag, body, line) in enumerate(blocks):
            if tag[1:2] != ["run"] or tag[0] not in ("sql", "sh"):
                continue
            count += 1
            done = run_block(tag[0], body, scratch)
            if done is None:
                problems.append(f"{page}:{line}: did not end within {LIMIT_S} s")
                continue
            if (done.returncode != 0) != ("fails" in tag):
                problems.append(f"{page}:{line}: exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
                continue
            follows = blocks[index + 1] if index + 1 < len(blocks) else None
            if follows and follows[0][:1] == ["output"]:
                got = done.stderr if "fails" in tag else done.stdout
                if not same_output(follows[1], got):
                    problems.append(f"{page}:{follows[2]}: prints something else:\n{got[:3000]}")
    return count


def main(argv):
    problems, count = [], 0
    links_only = "--links" in argv
    wanted = [a for a in argv if a != "--links"] or pages()
    for page in wanted:
        text = read(page)
        check_links(page, text, problems)
        if not links_only:
            count += check_blocks(page, text, problems)
    if not links_only:
        print(f"{count} example(s) run")
    return report(problems, "links" if links_only else "docs")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
