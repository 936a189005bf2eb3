#!/usr/bin/env python3
"""Wraps block comments that are wider than 100 columns, keeping their hanging indent.

clang-format breaks a long comment line but joins the rest to the next line, which destroys heads such as

    /*
     * DESIGN     One batch in gives at most one batch out. The predicate is
     *            compiled once.
     */

so `make format` runs this first. Only paragraphs that hold a line over the limit are touched. A paragraph
starts at an empty line, at a label (word in capitals and two spaces), at a list mark, and wherever the indent
changes. Lines that look like tables or drawings (three spaces or more inside, after the label) stay. A
comment behind code that does not fit goes on a line of its own above it.

    wrap_comments.py [--check] file...
"""
import re
import sys
import textwrap

LIMIT = 100
LABEL = re.compile(r"^(?:[A-Z][A-Z0-9_]+(?:\s{2,}|:\s+)|[-*]\s+|\d+[.)]\s+|\([a-z0-9]\)\s+|@\w+:?\s+|[IS]\d+\s{2,})")
TRAILING = re.compile(r"^(\s*)([^\s/\"'*#][^\"']*[;,])\s*/\*\s*((?:(?!\*/).)*?)\s*\*/\s*$")
RULER = re.compile(r"^(\s*/?\*+ *)([-=*_]{20,})( *\*/)?$")
TABLE = re.compile(r"\S {3,}\S|[|+]-|`{3}|->.*->")


def paragraphs(lines):
    """Groups (indent, text) lines into paragraphs [(first indent, hanging indent, [texts], original lines)]."""
    group = None
    for raw in lines:
        text = raw.strip()
        indent = len(raw) - len(raw.lstrip(" "))
        if not text:
            if group:
                yield group
            yield (0, 0, [], [raw])
            group = None
            continue
        label = LABEL.match(text)
        if group and not label and indent == group[1]:
            group[2].append(text)
            group[3].append(raw)
            continue
        if group and not label and len(group[2]) == 1 and group[4] is None and indent == group[0]:
            group[2].append(text)
            group[3].append(raw)
            continue
        if group:
            yield group
        hanging = indent + (len(label.group(0)) if label else 0)
        group = (indent, hanging, [text], [raw], label)
    if group:
        yield group


def wrap_block(prefix, body, closing=0):
    """body: the comment's lines after the ` *` decoration; closing: columns to leave for what ends them."""
    width = LIMIT - len(prefix) - closing
    out = []
    for group in paragraphs(body):
        indent, hanging, texts, originals = group[:4]
        label = group[4] if len(group) > 4 else None
        if all(len(raw) <= width for raw in originals):
            out += originals
            continue
        rest = [t[len(label.group(0)):] if label and i == 0 else t for i, t in enumerate(texts)]
        if any(TABLE.search(t) for t in rest):
            out += originals
            continue
        head = " " * indent + (label.group(0) if label else "")
        out += textwrap.wrap(" ".join(rest), width=width, initial_indent=head,
                             subsequent_indent=" " * hanging, break_long_words=False,
                             break_on_hyphens=False)
    return [(prefix + line).rstrip() for line in out]


def lift_trailing(lines):
    """Moves the trailing comment of a line over the limit above it, where a statement begins there.
    Cuts rulers to the limit."""
    out = []
    for line in lines:
        ruler = RULER.match(line) if len(line) > LIMIT else None
        if ruler:
            end = ruler.group(3) or ""
            line = ruler.group(1) + ruler.group(2)[:LIMIT - len(ruler.group(1)) - len(end)] + end
        match = TRAILING.match(line) if len(line) > LIMIT else None
        before = out[-1].strip() if out else ""
        begins = not before or before[0] == "#" or before.endswith((";", "{", "}", "*/", ":", ","))
        if match and begins and not (before.endswith(",") and line.rstrip().find(");") >= 0):
            out.append(f"{match.group(1)}/* {match.group(3)} */")
            out.append(match.group(1) + match.group(2))
        else:
            out.append(line)
    return out


def wrap_text(text):
    lines = lift_trailing(text.split("\n"))
    out = []
    i = 0
    while i < len(lines):
        line = lines[i]
        opened = re.match(r"^(\s*)/\*\*?(.*)$", line)
        if not opened or "clang-format off" in line:
            out.append(line)
            i += 1
            continue
        margin = opened.group(1)
        if "*/" in line:  # one line: becomes a block when too long
            inside = line.rstrip()
            if len(line) > LIMIT and inside.endswith("*/"):
                words = re.sub(r"^\s*/\*+\s*|\s*\*/$", "", inside)
                wrapped = wrap_block(margin + " *", [" " + words], len(" */"))
                wrapped[0] = margin + "/*" + wrapped[0][len(margin) + 2:]
                if len(wrapped[-1]) + 3 <= LIMIT:
                    wrapped[-1] += " */"
                else:
                    wrapped.append(margin + " */")
                out += wrapped
            else:
                out.append(line)
            i += 1
            continue
        end = i
        while end < len(lines) and "*/" not in lines[end]:
            end += 1
        block = lines[i:end + 1]
        decorated = all(re.match(r"^\s*\*", inner) for inner in block[1:])
        if max(map(len, block)) <= LIMIT or not decorated:
            out += block
            i = end + 1
            continue
        opener = block[0].rstrip()
        closes_alone = block[-1].strip() == "*/"
        body = block[1:-1] if closes_alone else block[1:]
        body = [re.sub(r"^\s*\*", "", b) for b in body]
        if not closes_alone:
            body[-1] = re.sub(r"\s*\*/\s*$", "", body[-1])
        bare = opener.strip() in ("/*", "/**")
        if not bare:
            body.insert(0, re.sub(r"^\s*/\*+", "", opener))
        wrapped = wrap_block(margin + " *", body)
        if not bare:
            wrapped[0] = margin + "/*" + wrapped[0][len(margin) + 2:]
        else:
            wrapped.insert(0, opener)
        if closes_alone:
            wrapped.append(margin + " */")
        elif len(wrapped[-1]) + 3 <= LIMIT:
            wrapped[-1] += " */"
        else:
            wrapped.append(margin + " */")
        out += wrapped
        i = end + 1
    return "\n".join(out)


def main(argv):
    check = "--check" in argv
    changed = 0
    for path in [a for a in argv if a != "--check"]:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        wrapped = wrap_text(text)
        if wrapped != text:
            changed += 1
            if check:
                print(f"{path}: a comment is wider than {LIMIT} columns (make format)")
            else:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(wrapped)
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
