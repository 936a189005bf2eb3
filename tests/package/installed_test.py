#!/usr/bin/env python3
"""What gets installed works: the examples of examples/c build against it (pkg-config, CMake; C and C++) and run.

SABOT_BUILD names the build that is installed. Skipped (77) for sanitizer builds: a plain program cannot link their library.
"""
import os
import subprocess
import sys
import tempfile

ROOT = os.environ.get("SABOT_ROOT") or os.path.join(os.path.dirname(__file__), "../..")
BUILD = os.environ.get("SABOT_BUILD") or os.path.join(ROOT, "build/release")
EXAMPLES = os.path.join(ROOT, "examples/c")
EXPECTED = {
    "embed": "order 1: 46\norder 2: 63\norder 3: 93\n",
    "process": "alert: 1 900 30\nrejected: 3 -4\n",
    "host_driven": "row 250\nrow 500\nrow 750\nrow 1000\nvirtual time about 10 s\n",
}


def run(words, **more):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def check(program, name):
    got = run([program])
    if got != EXPECTED[name]:
        sys.exit(f"{program} prints\n{got}instead of\n{EXPECTED[name]}")
    print(f"{name}: ok ({program.split(os.sep)[-2]})")


def main():
    if os.environ.get("SABOT_SANITIZE", "none") != "none":
        return 77
    with tempfile.TemporaryDirectory(prefix="sabot-package-") as scratch:
        prefix = os.path.join(scratch, "prefix")
        run(["cmake", "--install", BUILD, "--prefix", prefix])
        library = next(base for base, _, names in os.walk(prefix) if "libsabot.so" in names)
        os.environ["PKG_CONFIG_PATH"] = os.path.join(library, "pkgconfig")
        os.environ["LD_LIBRARY_PATH"] = library
        share = os.path.join(prefix, "share")
        for name in ("man/man1/sabot.1", "man/man1/sabot-run.1", "zsh/site-functions/_sabot", "fish/vendor_completions.d/sabot.fish",
                     "bash-completion/completions/sabot"):
            if os.path.getsize(os.path.join(share, name)) < 200:
                sys.exit(f"{name} has no text")
        flags = run(["pkg-config", "--cflags", "--libs", "sabot"]).split()
        version = run(["pkg-config", "--modversion", "sabot"]).strip()
        if run([os.path.join(prefix, "bin/sabot"), "--version"]) != f"sabot {version}\n":
            sys.exit("program and sabot.pc differ in their version")
        os.mkdir(os.path.join(scratch, "pkg-config"))
        for name in EXPECTED:
            program = os.path.join(scratch, "pkg-config", name)
            run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", os.path.join(EXAMPLES, name + ".c"), *flags, "-o", program])
            check(program, name)
        tree = os.path.join(scratch, "cmake")
        run(["cmake", "-S", EXAMPLES, "-B", tree, f"-DCMAKE_PREFIX_PATH={prefix}"])
        run(["cmake", "--build", tree])
        for name in EXPECTED:
            check(os.path.join(tree, name), name)
        if run([os.path.join(tree, "version")]) != version + "\n":
            sys.exit("the C++ program prints another version")
    return 0


if __name__ == "__main__":
    sys.exit(main())
