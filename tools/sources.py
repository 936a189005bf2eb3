"""What the checks share: the list of files, C without comments and strings, the functions of a file."""
import os
import re
import subprocess

ROOT = os.environ.get("SABOT_CHECK_ROOT") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CODE_FOLDERS = ("src", "include", "sim", "fuzz", "bench")
CODE_ENDINGS = (".c", ".h", ".cc", ".def")


def code_files(folders=CODE_FOLDERS, endings=CODE_ENDINGS):
    """Paths relative to the repository, sorted."""
    found = []
    for folder in folders:
        for base, dirs, names in os.walk(os.path.join(ROOT, folder)):
            dirs[:] = [d for d in dirs if d not in ("__pycache__", "node_modules", "corpus")]
            found += [os.path.relpath(os.path.join(base, n), ROOT) for n in names if n.endswith(endings)]
    return sorted(found)


def repository_files():
    """Every file that is, or would be, committed."""
    try:
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode().split("\0")
        return sorted(p for p in listed if p and os.path.isfile(os.path.join(ROOT, p)))
    except (OSError, subprocess.CalledProcessError):
        found = []
        for base, dirs, names in os.walk(ROOT):
            dirs[:] = [d for d in dirs if d not in (".git", "build", "__pycache__", "node_modules")]
            found += [os.path.relpath(os.path.join(base, n), ROOT) for n in names]
        return sorted(found)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


_TOKENS = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)


def blank(text, strings=True):
    """The text with comments (and strings) replaced by spaces; lines and columns stay."""
    def hide(match):
        token = match.group(0)
        if token[0] == "/":
            return re.sub(r"[^\n]", " ", token)
        return token if not strings else token[0] + " " * (len(token) - 2) + token[0]
    return _TOKENS.sub(hide, text)


class Function:
    def __init__(self, name, head, line, count_lines):
        self.name = name                # as written
        self.head = head                # what stands before the name: storage class, return type
        self.line = line                # of the name, from 1
        self.count_lines = count_lines  # from the name to the closing brace

    @property
    def is_static(self):
        return re.search(r"\bstatic\b", self.head) is not None


_NAME = re.compile(r"^(?P<head>(?:[A-Za-z_][\w\s*]*?[\s*])?)(?P<name>[A-Za-z_]\w*)\s*\(")


def functions(text):
    """Function definitions of formatted C: the name at or near column 0, braces at column 0."""
    lines = blank(text).split("\n")
    raw = text.split("\n")
    aliases = re.findall(r"^#\s*define\s+(\w+)\s+[^\n]*\bstatic\b", text, re.M)  # a macro that says static
    found = []
    i = 0
    while i < len(lines):
        match = _NAME.match(lines[i])
        if not match or match.group("name") in ("if", "while", "for", "switch", "return", "sizeof"):
            i += 1
            continue
        brace = i
        while brace < len(lines) and brace < i + 30 and not lines[brace].startswith("{") \
                and not lines[brace].rstrip().endswith((";", "{")) and not lines[brace].startswith("#"):
            brace += 1
        opened = brace < len(lines) and (lines[brace].startswith("{") or (brace == i and lines[i].rstrip().endswith("{")))
        if not opened:
            i += 1
            continue
        end = brace
        while end < len(lines) and not lines[end].startswith("}"):
            end += 1
        head = match.group("head")
        above = i - 1
        while above >= 0 and raw[above].strip() and raw[above][0] not in "}#{" and \
                not raw[above].rstrip().endswith((";", "*/", "}")):
            head = raw[above] + " " + head
            above -= 1
        if any(re.search(rf"\b{alias}\b", head) for alias in aliases):
            head = "static " + head
        found.append(Function(match.group("name"), head, i + 1, end - i + 1))
        i = end + 1
    return found


def report(problems, what):
    """Prints the problems and returns the exit code."""
    for problem in problems:
        print(problem)
    print(f"{what}: {len(problems)} problem(s)" if problems else f"{what}: ok")
    return 1 if problems else 0
