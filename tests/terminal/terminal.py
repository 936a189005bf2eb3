"""A program on a pseudo-terminal, and what its screen shows (pyte plays the terminal)."""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import pyte


class Terminal:
    def __init__(self, words, columns=80, rows=24, env=None, cwd=None):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.bytes = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd or ".")
            full = dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8")
            full.update(env or {})
            for name, value in list(full.items()):
                if value is None:
                    del full[name]
            os.execvpe(words[0], words, full)
        self.resize(columns, rows)

    def resize(self, columns, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def _read(self, seconds):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.bytes += data
        self.stream.feed(data)
        return bool(data)

    def send(self, text):
        os.write(self.fd, text.encode() if isinstance(text, str) else text)

    def settle(self, seconds=0.15):
        """Until nothing has come for so long."""
        while self._read(seconds):
            pass

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines()).rstrip()

    def wait(self, wanted, seconds=20):
        """Until the screen shows a text, or a function of the screen says so."""
        test = wanted if callable(wanted) else lambda screen: wanted in screen
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if test(self.text()):
                return self.text()
            if not self._read(0.05):
                time.sleep(0.01)
        raise AssertionError(f"never seen: {wanted!r}; the screen:\n{self.text()}")

    def style(self, row, column):
        return self.screen.buffer[row][column]

    def cursor(self):
        return self.screen.cursor.y, self.screen.cursor.x

    def interrupt(self):
        os.kill(self.pid, signal.SIGINT)

    def end(self, seconds=20):
        """The exit code; the program must end by itself."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            self._read(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self._read(0.05):
                    pass
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        raise AssertionError("does not end; the screen:\n" + self.text())

    def kill(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.fd)
        except (ProcessLookupError, ChildProcessError, OSError):
            pass
