"""The load: a process that keeps connections busy for a given time and tells what came back.

``python -m bench.load`` reads one JSON object from standard input: ``address`` (host, port), ``seconds``,
``connections`` (per connection a list of requests as text, sent in turn) and ``expected`` (a good answer's status).
A request may hold ``@@@@@@@@``: eight digits that differ in every request sent. It writes one JSON object: the
number of answers, the seconds it took, p50 and p99 in milliseconds, bytes, and the answers of any other status.

Plain epoll, one request in flight per connection: no framework, so that one core of it outruns any server measured.
"""

import json
import select
import socket
import sys
import time
from array import array
from collections import Counter
from typing import Any

MARK = b"@@@@@@@@"


class Wire:
    """One kept connection with its requests."""

    def __init__(self, address: tuple[str, int], requests: list[bytes], first: int) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests = [request.split(MARK) for request in requests]
        self.turn = first
        self.sent_at = 0.0
        self.buffer = b""
        self.missing = 0
        self.status = 0

    def send(self, number: int) -> None:
        parts = self.requests[self.turn % len(self.requests)]
        self.turn += 1
        self.sent_at = time.perf_counter()
        self.socket.sendall(parts[0] if len(parts) == 1 else (b"%08d" % number).join(parts))

    def is_answered(self) -> bool:
        """Read what is there; tell whether the answer is whole."""
        data = self.socket.recv(262_144)
        if not data:
            waited = time.perf_counter() - self.sent_at
            raise ConnectionError(f"the server closed a connection {waited:.3f} s after request {self.turn} on it")
        if self.missing:
            self.missing -= len(data)
            return self.missing == 0
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = self.buffer[: end + 2].lower()
        self.status = int(head[9:12])
        at = head.find(b"content-length:")
        if at < 0 and self.status != 304:
            raise ConnectionError("an answer without Content-Length")
        length = int(head[at + 15 : head.index(b"\r", at)]) if at >= 0 and self.status != 304 else 0
        self.missing = length - (len(self.buffer) - end - 4)
        self.buffer = b""
        return self.missing == 0


def run(asked: dict[str, Any]) -> dict[str, Any]:
    """Keep every connection busy; give what was measured."""
    host, port = asked["address"]
    wires = {}
    poll = select.epoll()
    for n, requests in enumerate(asked["connections"]):
        wire = Wire((host, port), [request.encode() for request in requests], n)
        wires[wire.socket.fileno()] = wire
        poll.register(wire.socket, select.EPOLLIN)
    latencies = array("d")
    others: Counter[int] = Counter()
    number, expected = asked.get("first_number", 0), asked["expected"]
    clock = time.perf_counter
    started = clock()
    until = started + asked["seconds"]
    for wire in wires.values():
        wire.send(number)
        number += 1
    busy = len(wires)
    while busy:
        for descriptor, _ in poll.poll(10.0) or timed_out():
            wire = wires[descriptor]
            if not wire.is_answered():
                continue
            now = clock()
            if wire.status == expected:
                latencies.append(now - wire.sent_at)
            else:
                others[wire.status] += 1
            if now < until:
                wire.send(number)
                number += 1
            else:
                busy -= 1
    took = clock() - started
    for wire in wires.values():
        wire.socket.close()
    ordered = sorted(latencies)
    return {
        "answers": len(ordered), "seconds": took, "next_number": number, "others": dict(others),
        "p50": 1000 * ordered[len(ordered) // 2] if ordered else None,
        "p99": 1000 * ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] if ordered else None,
        "cpu": time.process_time(),
    }  # fmt: skip


def timed_out() -> list[tuple[int, int]]:
    raise TimeoutError("no answer for 10 seconds")


def main() -> None:
    try:
        found = run(json.load(sys.stdin))
    except OSError as error:
        found = {"failed": str(error)}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
