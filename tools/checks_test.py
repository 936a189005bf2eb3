#!/usr/bin/env python3
"""Check of the checks: each rule finds the damage it is there for, and leaves sound code alone."""
import os
import subprocess
import sys
import tempfile
import unittest

TOOLS = os.path.dirname(os.path.abspath(__file__))
LAYERS = """layer base:
layer columnar: base
layer cli: sabot
library zstd.h: base/pack.c
door base/os
allow cli fopen
"""
HEADER = "#ifndef SB_BASE_X_H\n#define SB_BASE_X_H\nint sb_x(void);\n#endif\n"
SOURCE = '#include "base/x.h"\n\nint\nsb_x(void)\n{\n    return 1;\n}\n'


class Checks(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="sabot-checks-")
        self.put("tools/layers.txt", LAYERS)
        self.put("tools/size-ratchet.txt", "")
        self.put("src/base/README.md", "base\n")
        self.put("src/base/x.h", HEADER)
        self.put("src/base/x.c", SOURCE)

    def tearDown(self):
        self.scratch.cleanup()

    def put(self, path, text):
        path = os.path.join(self.scratch.name, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def run_check(self, name, *arguments):
        environment = dict(os.environ, SABOT_CHECK_ROOT=self.scratch.name, GIT_CEILING_DIRECTORIES=self.scratch.name)
        done = subprocess.run([sys.executable, os.path.join(TOOLS, f"check_{name}.py"), *arguments], env=environment,
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def fine(self, name, *arguments):
        code, text = self.run_check(name, *arguments)
        self.assertEqual(code, 0, text)

    def finds(self, name, words, *arguments):
        code, text = self.run_check(name, *arguments)
        self.assertEqual(code, 1, text)
        self.assertIn(words, text)

    def test_sound_tree(self):
        for name in ("layers", "sizes", "names", "headers"):
            self.fine(name)

    def test_layer(self):
        self.put("src/columnar/y.h", "#ifndef SB_COLUMNAR_Y_H\n#define SB_COLUMNAR_Y_H\n#include \"base/x.h\"\n#endif\n")
        self.fine("layers")
        self.put("src/base/z.c", '#include "columnar/y.h"\n')
        self.finds("layers", "base may not include columnar")

    def test_include_form(self):
        for line, words in (('#include "x.h"', "folder/file.h"), ('#include "../base/x.h"', 'never by ".."'),
                            ('#include "base/none.h"', "no such file"), ("#include <foo.h>", "name this library"),
                            ("#include <zstd.h>", "belongs to base/pack.c"), ("#include <pthread.h>", "src/base/os only")):
            self.put("src/base/z.c", line + "\n")
            self.finds("layers", words)

    def test_own_header_first(self):
        self.put("src/base/x.c", "#include <stdio.h>\n" + SOURCE)
        self.finds("layers", "comes first")

    def test_private_header(self):
        self.put("src/base/x_priv.h", "")
        self.put("src/columnar/z.c", '#include "base/x_priv.h"\n')
        self.finds("layers", "stays inside")

    def test_door(self):
        self.put("src/base/z.c", 'int\nsb_z(void)\n{\n    return os->open("x") + s.read(1) + sb_open(2); /* open( */\n}\n')
        self.fine("layers")
        self.put("src/base/z.c", "int\nsb_z(void)\n{\n    return clock_gettime(0, 0);\n}\n")
        self.finds("layers", "clock_gettime() is called")
        self.put("src/base/z.c", "\n")
        self.put("src/base/os/z.c", "int\nsb_z(void)\n{\n    return clock_gettime(0, 0);\n}\n")
        self.put("src/cli/z.c", "int\nsb_z(void)\n{\n    return fopen(0, 0);\n}\n")
        self.fine("layers")
        self.put("src/cli/z.c", "int\nsb_z(void)\n{\n    return sprintf(0, 0);\n}\n")
        self.finds("layers", "sprintf() is not used")

    def test_header_cycle(self):
        self.put("src/base/a.h", '#include "base/b.h"\n')
        self.put("src/base/b.h", '#include "base/a.h"\n')
        self.finds("layers", "headers include each other")

    def test_layers_cycle(self):
        self.put("tools/layers.txt", LAYERS.replace("layer base:", "layer base: columnar"))
        self.finds("layers", "a cycle")

    def test_file_size(self):
        self.put("src/base/z.c", "/*\n * base/z.c -- much.\n */\n" + "int sb_a;\n" * 850)
        self.finds("sizes", "SIZE: <reason>")
        self.put("src/base/z.c", "/*\n * base/z.c -- much.\n * SIZE: a table.\n */\n" + "int sb_a;\n" * 850)
        self.fine("sizes")
        self.put("src/base/z.c", "/*\n * SIZE: a table.\n */\n" + "int sb_a;\n" * 1600)
        self.finds("sizes", "two files")

    def test_columns(self):
        self.put("src/base/z.c", "int sb_" + "a" * 100 + ";\n")
        self.finds("sizes", "columns")

    def test_function_ratchet(self):
        long = "static int\nz(void)\n{\n" + "    sb_x();\n" * 80 + "}\n"
        self.put("src/base/z.c", long)
        self.finds("sizes", "z has 83 lines")
        self.fine("sizes", "--accept")
        self.fine("sizes")
        self.put("src/base/z.c", long.replace("{\n", "{\n    sb_x();\n", 1))
        self.finds("sizes", "grew from 83 to 84")
        self.finds("sizes", "grew", "--update")
        self.put("src/base/z.c", "static int\nz(void)\n{\n" + "    sb_x();\n" * 75 + "}\n")
        self.finds("sizes", "run check_sizes.py --update")
        self.fine("sizes", "--update")
        self.fine("sizes")

    def test_names(self):
        for text, words in (("int\nx_run(void)\n{\n}\n", "x_run() is not static"),
                            ("/* fix" + "me later */\n", "left behind")):
            self.put("src/base/z.c", text)
            self.finds("names", words)
        self.put("src/base/z.c", "static int\nrun(void)\n{\n}\n\nstatic inline sb_y *\ngo(int a,\n   int b)\n{\n}\n")
        self.fine("names")
        self.put("src/base/z.c", '/* see /ho' + 'me/joe/x */\n')
        self.finds("names", "path of one machine")

    def test_header_names(self):
        for text, words in ((HEADER.replace("SB_BASE_X_H", "X_H"), "header guard is SB_BASE_X_H"),
                            (HEADER.replace("int sb_x(void);", "typedef struct y {\n    int a;\n} y;"), "type y begins"),
                            (HEADER.replace("int sb_x(void);", "typedef int sb_y_t;"), "does not end in _t"),
                            (HEADER.replace("int sb_x(void);", "#define MAX 1"), "macro MAX")):
            self.put("src/base/x.h", text)
            self.finds("names", words)

    def test_readme(self):
        self.put("src/columnar/y.c", "\n")
        self.finds("names", "src/columnar/README.md is missing")

    def test_headers(self):
        self.put("src/base/x.h", HEADER.replace("int sb_x(void);", "size_t sb_x(void);"))
        self.finds("headers", "does not compile alone")

    def test_links(self):
        self.put("README.md", "# A b\n[x](docs/a.md) [y](#a-b)\n")
        self.finds("docs", "no such file", "--links")
        self.put("docs/a.md", "[x](../README.md#a-b)\n")
        self.fine("docs", "--links")
        self.put("docs/a.md", "[x](../README.md#c)\n")
        self.finds("docs", "no such heading", "--links")

    def test_docs_examples(self):
        self.put("README.md", "```sh run\necho hi\necho ho\n```\n```output\nhi\nho\n```\n```sh run fails\nfalse\n```\n")
        self.fine("docs")
        self.put("README.md", "```sh run\nfor i in 1 2 3; do echo $i; done\n```\n```output\n1\n...\n3\n```\n")
        self.fine("docs")
        self.put("README.md", "```sh run\necho hi\n```\n```output\nho\n```\n")
        self.finds("docs", "prints something else")
        self.put("README.md", "```sh run\nfalse\n```\n")
        self.finds("docs", "exit code 1")


class Wrap(unittest.TestCase):
    def wrap(self, text):
        sys.path.insert(0, TOOLS)
        from wrap_comments import wrap_text
        once = wrap_text(text)
        self.assertEqual(once, wrap_text(once))
        self.assertLessEqual(max(map(len, once.split("\n"))), 100)
        return once

    def test_keeps_labels(self):
        text = "/*\n * DESIGN     " + "word " * 30 + "\n *            more\n * THREADS    T:task.\n */\n"
        wrapped = self.wrap(text)
        self.assertIn("\n *            word", wrapped)
        self.assertIn("\n * THREADS    T:task.\n */\n", wrapped)

    def test_narrow_is_left_alone(self):
        text = "/*\n * a\n *   b\n * c */\nint x; /* y */\n"
        self.assertEqual(self.wrap(text), text)

    def test_lifts_trailing(self):
        text = "{\n    int x; /* " + "word " * 25 + "*/\n"
        self.assertTrue(self.wrap(text).startswith("{\n    /* word"))
        self.assertTrue(self.wrap(text).endswith("\n    int x;\n"))


if __name__ == "__main__":
    unittest.main()
