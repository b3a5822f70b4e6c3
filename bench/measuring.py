"""One run of the load against one server, and the exchanges by hand around it."""

import http.client
import json
import subprocess
import sys
from typing import Any

from bench.requests_made import OPERATIONS, path_of, request, requests_of, visit_of
from bench.servers import ROOT, Server

RUN_SECONDS_MORE = 60
TRIP_REQUESTS = 40


def loaded(
    server: Server,
    key: str,
    connections: list[list[str]],
    seconds: float,
    first_number: int = 0,
    *,
    is_cold: bool = False,
) -> dict[str, Any]:
    """Load a server; give what was measured, with the processor time of an answer.

    Raises:
        SystemExit: an answer had another status than expected: a measurement of failures is none. A cold server
            may answer 503 while PostgreSQL makes its plans.
    """
    asked = {
        "address": ("127.0.0.1", server.port),
        "seconds": seconds,
        "connections": connections,
        "expected": OPERATIONS[key].status,
        "first_number": first_number,
    }
    before = server.cpu_seconds()
    finished = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(asked).encode(),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        check=True,
        timeout=seconds + RUN_SECONDS_MORE,
    )
    found: dict[str, Any] = json.loads(finished.stdout)
    used = server.cpu_seconds() - before
    if "failed" in found:
        raise SystemExit(f"{server.name} {key}: {found['failed']}\n{server.log.read_text()[-2000:]}")
    unexpected = found["others"].keys() - ({"503"} if is_cold else set())
    if unexpected or not (found["answers"] or is_cold):
        raise SystemExit(f"{server.name} {key}: answers of other statuses: {found['others']}; see {server.log}")
    return {
        "rate": found["answers"] / found["seconds"],
        "p50": found["p50"],
        "p99": found["p99"],
        "cpu": 1_000_000 * used / max(found["answers"], 1),
        "answers": found["answers"],
        "refused": sum(found["others"].values()),
        "next_number": found["next_number"],
    }


def exchange(
    server: Server, method: str, path: str, token: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], Any]:
    """Send one request; give status, headers and document."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    kind = {"Content-Type": "application/json"} if body else {}
    connection.request(method, path, body or None, {"Authorization": f"Bearer {token}", **kind, **(headers or {})})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    found = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, found, json.loads(text) if text else None


def tags_of(server: Server, world: dict[str, Any], tokens: list[str]) -> list[str]:
    """Ask for the ETag of each caller's counts."""
    made = []
    for caller, token in zip(world["callers"], tokens, strict=True):
        status, headers, _ = exchange(server, "GET", path_of("R4", world, caller), token)
        if status != 200 or "etag" not in headers:
            raise SystemExit(f"{server.name} R4: status {status}, ETag {headers.get('etag')}")
        made.append(headers["etag"])
    return made


def connections_of(
    server: Server, key: str, world: dict[str, Any], tokens: list[str], *, prefix: str = ""
) -> list[list[str]]:
    """Give what the load sends to a server for an operation."""
    if key == "R4′":
        return requests_of("R4", world, tokens, server.port, tags=tags_of(server, world, tokens))
    return requests_of(key, world, tokens, server.port, prefix=prefix)


def differing(
    reference: Server, server: Server, keys: list[str], world: dict[str, Any], tokens: dict[str, Any]
) -> list[str]:
    """Compare what two servers say to the same caller; name the operations where they say different things."""
    wrong = []
    caller = world["callers"][0]
    for key in keys:
        if key == "R3":
            body = visit_of(world, caller, 0).replace(b"@" * 8, b"0" * 8)
            said = [exchange(s, "POST", "/v1/office_visits", tokens[s.name][0], body) for s in (reference, server)]
        else:
            said = [exchange(s, "GET", path_of(key, world, caller), tokens[s.name][0]) for s in (reference, server)]
        statuses = [status for status, _, _ in said]
        if statuses != [OPERATIONS[key].status] * 2 or MEANINGS[key](said[0][2]) != MEANINGS[key](said[1][2]):
            wrong.append(f"{key} (statuses {statuses})")
    return wrong


VISIT_MEMBERS = (
    "centre_id", "kind", "municipality_id", "title", "status", "held_on", "starts_at", "ends_at", "duration_minutes",
    "office_id", "participant_count", "themes", "visibility", "month", "menus", "findings", "message", "next_action",
    "offices", "people", "organizations", "plan_items", "version",
)  # fmt: skip


def visit_meaning(document: dict[str, Any]) -> Any:
    return {**{name: document[name] for name in VISIT_MEMBERS}, "month": document["month"][:7]}


def page_meaning(document: dict[str, Any]) -> Any:
    return [(row["id"], row["held_on"], row["title"], row["version"]) for row in document["results"]]


def counts_meaning(document: dict[str, Any]) -> Any:
    """Give the counts that are not zero; kikan also says the zeros, what they mean and all names in Japanese."""
    if "observations" in document:
        rows = [(row["period"]["code"], row["dimensions"]["kind"], row["value"]) for row in document["observations"]]
    else:
        rows = [(row["period"], row["kind"], row["value"]) for row in document["results"]]
    return {(period, kind): value for period, kind, value in rows if value}


def progress_meaning(document: dict[str, Any]) -> Any:
    """Give what is done and by which activities; kikan also says what is due, when, and how far behind."""
    evidence = "evidence" if "plan_id" in document else "evidence_ids"
    return [(item["code"], item["required_in_year"], item["done"], item[evidence]) for item in document["items"]]


MEANINGS = {
    "R1": visit_meaning, "R2": page_meaning, "R3": visit_meaning, "R4": counts_meaning, "R5": progress_meaning,
}  # fmt: skip


def trips_of(server: Server, relay: Any, key: str, connections: list[list[str]]) -> float:
    """Count the round trips of one request, by sending some after each other on one connection."""
    wire = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    sent = [text.replace("@" * 8, "0" * 8) for text in (connections[0] * TRIP_REQUESTS)[:TRIP_REQUESTS]]
    for half in (sent[: TRIP_REQUESTS // 2], sent):
        before = relay.trips
        for text in half:
            head, _, body = text.partition("\r\n\r\n")
            first, *lines = head.split("\r\n")
            method, path, _ = first.split(" ")
            headers = dict(line.split(": ", 1) for line in lines if not line.startswith("Content-Length"))
            wire.request(method, path, body.encode() or None, headers)
            answer = wire.getresponse()
            answer.read()
            if answer.status != OPERATIONS[key].status:
                raise SystemExit(f"{server.name} {key}: status {answer.status}")
    wire.close()
    return (relay.trips - before) / TRIP_REQUESTS


__all__ = ["connections_of", "differing", "exchange", "loaded", "request", "tags_of", "trips_of"]
