"""Where the microseconds of a server go: py-spy looks at it many times a second while it is loaded."""

import re
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

from bench.measuring import loaded
from bench.servers import ROOT, Server

SAMPLES_PER_SECOND = 250
SHOWN = 15
_PLACE = re.compile(r"(?P<name>[^;]+?) \((?P<file>[^()]*?)(?::\d+)?\)")


def profile(server: Server, key: str, connections: list[list[str]], seconds: float) -> list[str]:
    """Load a server and sample it; give the functions with the most own time, then our own by time with callees."""
    if server.process is None:
        return []
    spy = Path(sys.executable).with_name("py-spy")
    with tempfile.NamedTemporaryFile(suffix=".txt") as output:
        command = [
            *(str(spy), "record", "--pid", str(server.process.pid), "--format", "raw"),
            *("--rate", str(SAMPLES_PER_SECOND), "--duration", str(int(seconds)), "--output", output.name),
        ]
        watching = threading.Thread(target=subprocess.run, args=(command,), kwargs={"capture_output": True})
        watching.start()
        found = loaded(server, key, connections, seconds + 1)
        watching.join()
        stacks = Path(output.name).read_text().splitlines()
    own: Counter[str] = Counter()
    below: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        frames = [place(frame) for frame in stack.split(";")]
        own[frames[-1]] += int(count)
        for frame in {frame for frame in frames if frame.startswith(("api/", "domain/"))}:
            below[frame] += int(count)
    total = sum(own.values()) or 1
    lines = [f"{server.name} {key}: {found['rate']:,.0f} requests/s, {found['cpu']:,.0f} µs of processor time each"]
    lines += [f"  {100 * n / total:5.1f} %  {frame}" for frame, n in own.most_common(SHOWN)]
    lines.append("  with what they call:")
    lines += [f"  {100 * n / total:5.1f} %  {frame}" for frame, n in below.most_common(SHOWN)]
    return lines


def place(frame: str) -> str:
    """Shorten a frame to its function and its file below the project or the packages."""
    known = _PLACE.fullmatch(frame)
    if known is None:
        return frame
    file = known["file"].removeprefix(f"{ROOT}/").rpartition("site-packages/")[2]
    return f"{file} {known['name']}"
