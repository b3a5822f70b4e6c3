"""The parent of the server processes: imports the application once and forks one server for each line that it reads.

A line is ``{"env": {...}, "prelude": "...", "log": "path"}``; the answer is the process id of the new server. The
child serves exactly as the command line does; only the seconds of the import are saved.
"""

import json
import os
import signal
import sys

from api.serve import application, serve
from domain.settings import Settings

assert callable(application)


def serve_as_told(order: dict[str, str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for stream, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(stream, target)
    os.environ.update(order["env"])
    exec(order["prelude"], {})
    serve(Settings())


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                serve_as_told(order)
            finally:
                os._exit(1)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
