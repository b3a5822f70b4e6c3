#!/usr/bin/env python3
"""kikan's one command: python3 x.py demo | test | check | prove | bench | openapi | lock.

Needs nothing but Python. This file is written so that even an old Python can read it and say what is missing;
the rest is in .ci/commands.py.
"""

import os
import subprocess
import sys

OLDEST = (3, 11)
NEWEST = (3, 14)
ROOT = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - an old Python has no pathlib
TEST = "import sys; sys.exit(not (%r <= sys.version_info[:2] <= %r))" % (OLDEST, NEWEST)


def newer_python():
    """Find another Python on this machine that fits, newest first; None where there is none."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = "python3.%d" % minor
        try:
            if subprocess.call([name, "-c", TEST], stderr=subprocess.PIPE) == 0:
                return name
        except OSError:
            continue
    return None


def main():
    """Hand over to .ci/commands.py, under a Python that fits."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        found = newer_python()
        if found is None:
            sys.stderr.write(
                "kikan needs Python 3.%d to 3.%d; this is %s and no other was found on PATH.\n"
                "Debian and Ubuntu: apt install python3 python3-venv (Debian 12 or newer brings 3.11).\n"
                "Elsewhere: install a newer Python, then run it as python3.X x.py.\n"
                % (OLDEST[1], NEWEST[1], sys.version.split()[0])
            )
            return 2
        sys.stderr.write("kikan: this Python is %s; going on with %s\n" % (sys.version.split()[0], found))
        sys.stderr.flush()
        os.execvp(found, [found, os.path.join(ROOT, "x.py")] + sys.argv[1:])  # noqa: PTH118, RUF005 - as above
    sys.path.insert(0, os.path.join(ROOT, ".ci"))  # noqa: PTH118
    return __import__("commands").main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
