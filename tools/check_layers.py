#!/usr/bin/env python3
"""Check: includes follow tools/layers.txt, and only the door (base/os) touches the outside.

    includes are "folder/file.h", of a folder the layer may use, never "../"; a file's own header comes first;
    foo_priv.h stays inside its folder; the layers, the folders and the headers have no cycle;
    a third-party header is included only where layers.txt says;
    clock, thread, socket, file and random functions are called only in base/os (and by `allow` lines).

    check_layers.py [--graph]      --graph prints the folders and what they include
"""
import os
import re
import sys

from sources import ROOT, blank, code_files, read, report

# Headers of the C library that everybody may include; those in OUTSIDE only behind the door.
SYSTEM = set("""assert.h complex.h ctype.h errno.h fenv.h float.h inttypes.h iso646.h limits.h locale.h malloc.h math.h
    setjmp.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h stdnoreturn.h
    string.h strings.h time.h uchar.h wchar.h wctype.h endian.h alloca.h immintrin.h nmmintrin.h smmintrin.h
    x86intrin.h emmintrin.h arm_neon.h cpuid.h new string string_view cstddef cstdint cstring memory vector
    utility exception stdexcept""".split())
OUTSIDE = re.compile(r"^(pthread|threads|unistd|fcntl|dirent|poll|sched|semaphore|netdb|dlfcn|termios|glob|spawn|ftw"
                     r"|sys/\w+|netinet/\w+|arpa/\w+|linux/\w+)\.h$")

# Functions that reach clock, threads, sockets, files, random numbers or the environment of the process.
DOOR = """fopen fdopen freopen fclose fread fwrite fgets fgetc fputs fseek fseeko ftell ftello tmpfile fileno
    open openat creat close read write pread pwrite readv writev lseek ftruncate truncate fsync fdatasync
    sync_file_range fallocate posix_fallocate rename renameat link linkat symlink readlink unlink unlinkat remove
    mkdir mkdirat mkdtemp mkstemp rmdir opendir readdir closedir scandir stat fstat lstat access chmod flock lockf
    fcntl ioctl mmap munmap msync madvise mlock dup dup2 pipe pipe2 realpath getcwd chdir
    socket bind listen accept accept4 connect send recv sendto recvfrom sendmsg recvmsg setsockopt getaddrinfo
    select poll ppoll epoll_create1 epoll_ctl epoll_wait eventfd timerfd_create
    time clock clock_gettime gettimeofday localtime localtime_r mktime timegm nanosleep clock_nanosleep usleep sleep
    rand srand random srandom rand_r drand48 getrandom getentropy arc4random
    fork execv execve execvp posix_spawn system popen waitpid kill raise signal sigaction getpid gettid
    getenv secure_getenv setenv putenv thrd_create mtx_init mtx_lock mtx_unlock cnd_wait sched_yield syscall
    dlopen dlsym sysconf getrlimit getrusage""".split()
DOOR_CALL = re.compile(r"(?<![\w.>])(" + "|".join(DOOR) + r"|pthread_\w+|sem_(?:init|wait|post|timedwait)|sched_\w+)\s*\(")
# Wrong everywhere, the door included.
BANNED = re.compile(r"(?<![\w.>])(strcpy|strcat|strncat|sprintf|vsprintf|gets|strtok|alloca|atoi|atol|atoll|atof"
                    r"|longjmp|asctime|ctime|gmtime|tmpnam|mktemp)\s*\(")
TEST = re.compile(r"_(test|testing|bench)\.c$|_testing\.h$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


class Rules:
    def __init__(self, text):
        self.uses, self.leaf, self.libraries, self.doors, self.allowed = {}, set(), {}, set(), {}
        for number, line in enumerate(text.split("\n"), 1):
            line = line.split("#", 1)[0].strip()
            if not line:
                continue
            kind, _, rest = line.partition(" ")
            name, _, tail = rest.partition(":")
            if kind == "layer":
                self.uses[name.strip()] = set(tail.split())
            elif kind == "leaf":
                self.leaf |= set(rest.split())
            elif kind == "library":
                self.libraries[name.strip()] = set(tail.split())
            elif kind == "door":
                self.doors |= set(rest.split())
            elif kind == "allow":
                words = rest.split()
                self.allowed.setdefault(words[0], set()).update(words[1:])
            else:
                sys.exit(f"tools/layers.txt:{number}: cannot read '{line}'")

    def is_door(self, path):
        inner = path[4:] if path.startswith("src/") else path
        return any(inner.startswith(door + "/") for door in self.doors)

    def may_call(self, path, name):
        inner = path[4:] if path.startswith("src/") else path
        return any((inner == place or inner.startswith(place + "/")) and (name in names or "*" in names)
                   for place, names in self.allowed.items())


def layer_of(path):
    parts = path.split("/")
    if parts[0] == "src":
        return parts[1] if len(parts) > 2 else None
    return {"sim": "sim", "include": "sabot"}.get(parts[0])


def find_cycle(graph):
    done, stack = set(), []

    def visit(node):
        if node in stack:
            return stack[stack.index(node):] + [node]
        if node in done:
            return None
        stack.append(node)
        for target in sorted(graph.get(node, ())):
            cycle = visit(target)
            if cycle:
                return cycle
        stack.pop()
        done.add(node)
        return None

    sys.setrecursionlimit(10000)
    for node in sorted(graph):
        cycle = visit(node)
        if cycle:
            return cycle
    return None


def check_quoted(rules, path, layer, target, at, problems):
    """One include of our own header. Returns the file it names, or None."""
    if ".." in target.split("/"):
        problems.append(f'{at}: "{target}": an include goes from src/, never by ".."')
        return None
    if "/" not in target:
        problems.append(f'{at}: "{target}": write "folder/file.h"')
        return None
    folder = target.split("/")[0]
    if target in rules.leaf:
        return None
    places = {"sabot": "include/", "sim": ""}
    if layer == "fuzz" and folder == "fuzz":
        return None
    if folder not in rules.uses and folder not in places:
        problems.append(f'{at}: "{target}": {folder} is no layer of tools/layers.txt')
        return None
    if layer in rules.uses and folder != layer and folder not in rules.uses[layer]:
        problems.append(f'{at}: "{target}": {layer} may not include {folder}')
    real = places.get(folder, "src/") + target
    inside = os.path.dirname(real) == os.path.dirname(path) or layer == "sim"  # the simulator looks inside
    if re.search(r"_priv\.(tmpl\.)?h$", target) and not inside:
        problems.append(f'{at}: "{target}": a private header stays inside its folder')
    if not os.path.exists(os.path.join(ROOT, real)):
        problems.append(f'{at}: "{target}": there is no such file')
        return None
    return real


def check_angled(rules, path, layer, target, at, problems):
    if layer == "fuzz" or target in SYSTEM:
        return
    for prefix, places in rules.libraries.items():
        if not target.startswith(prefix):
            continue
        inner = path[4:] if path.startswith("src/") else path
        fine = any(inner == place or inner.startswith(place + "/") for place in places)
        if not fine and not ("tests" in places and TEST.search(path)):
            problems.append(f"{at}: <{target}> belongs to {', '.join(sorted(places))} only")
        return
    if OUTSIDE.match(target):
        if not (rules.is_door(path) or TEST.search(path) or rules.may_call(path, target)):
            problems.append(f"{at}: <{target}> is for src/base/os only")
        return
    problems.append(f"{at}: <{target}>: name this library in tools/layers.txt")


def check_calls(rules, path, code, problems):
    for number, line in enumerate(code.split("\n"), 1):
        for match in BANNED.finditer(line):
            problems.append(f"{path}:{number}: {match.group(1)}() is not used here")
        if rules.is_door(path) or TEST.search(path):
            continue
        for match in DOOR_CALL.finditer(line):
            if not rules.may_call(path, match.group(1)):
                problems.append(f"{path}:{number}: {match.group(1)}() is called in src/base/os only")


def main(argv):
    rules = Rules(read("tools/layers.txt"))
    problems = []
    cycle = find_cycle(rules.uses)
    if cycle:
        problems.append("tools/layers.txt: a cycle: " + " -> ".join(cycle))
    for layer, uses in rules.uses.items():
        for used in uses - set(rules.uses) - {"sabot"}:
            problems.append(f"tools/layers.txt: {layer} uses {used}, which is no layer")
    headers, folders = {}, {}
    for path in code_files(("src", "include", "sim")):
        text = read(path)
        code = blank(text)
        layer = layer_of(path)
        if layer is None or (layer != "sabot" and layer not in rules.uses):
            problems.append(f"{path}: its folder is no layer of tools/layers.txt")
            continue
        first = None
        for match in INCLUDE.finditer(blank(text, strings=False)):
            quote, target = match.groups()
            at = f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
            first = first or target
            if quote == '"' or target.startswith("sabot/"):
                real = check_quoted(rules, path, layer, target, at, problems)
                if real:
                    headers.setdefault(path, set()).add(real)
                    if layer_of(real) != layer:
                        folders.setdefault(layer, set()).add(layer_of(real))
            else:
                check_angled(rules, path, layer, target, at, problems)
        own = re.sub(r"\.cc?$", ".h", path)
        if path.endswith((".c", ".cc")) and os.path.exists(os.path.join(ROOT, own)):
            inner = own[4:] if own.startswith("src/") else own
            if first != inner:
                problems.append(f'{path}: its own header "{inner}" comes first')
        check_calls(rules, path, code, problems)
    cycle = find_cycle(folders)
    if cycle:
        problems.append("folders include each other: " + " -> ".join(cycle))
    cycle = find_cycle({path: {t for t in targets if t != path} for path, targets in headers.items()})
    if cycle:
        problems.append("headers include each other: " + " -> ".join(cycle))
    if "--graph" in argv:
        for layer in rules.uses:
            print(f"{layer}: {' '.join(sorted(folders.get(layer, ())))}")
    return report(problems, "layers")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
