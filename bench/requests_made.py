"""The requests of the benchmark, written out: what each caller of a world sends, as bytes on the wire."""

import json
from dataclasses import dataclass
from typing import Any

from bench.load import MARK


@dataclass(frozen=True)
class Operation:
    """One measured request. ``status`` is a good answer's."""

    key: str
    text: str
    status: int = 200


OPERATIONS = {
    operation.key: operation
    for operation in (
        Operation("R1", "one office visit by id"),
        Operation("R2", "50 activities of a centre in a month, newest first"),
        Operation("R3", "a new office visit, durable", 201),
        Operation("R4", "monthly counts of a centre, 12 months by kind"),
        Operation("R5", "progress of a centre's plan of the year"),
        Operation("R4′", "R4 with If-None-Match", 304),
    )
}


def path_of(key: str, world: dict[str, Any], caller: dict[str, Any], n: int = 0) -> str:
    """Give the path and query of a request for one caller."""
    if key == "R1":
        return f"/v1/office_visits/{caller['visit_ids'][n % len(caller['visit_ids'])]}"
    if key == "R2":
        return f"/v1/activities?centre_id={caller['centre_id']}&month={world['month']}&limit=50"
    if key == "R3":
        return "/v1/office_visits"
    if key == "R5":
        return f"/v1/work_plans/{caller['plan_id']}/progress"
    span = f"from={world['from']}&to={world['to']}"
    return f"/v1/activity_counts?{span}&group_by=month,kind&centre_id={caller['centre_id']}"


def visit_of(world: dict[str, Any], caller: dict[str, Any], n: int) -> bytes:
    """Write the body of a new visit; the load puts a number of its own into it."""
    body = {
        "office_id": caller["office_ids"][n % len(caller["office_ids"])],
        "held_on": world["today"],
        "starts_at": "13:30",
        "ends_at": "15:00",
        "participant_count": 3,
        "menus": ["worry", "case"],
        "findings": f"記録{MARK.decode()}号。計画相談の進め方について一緒に整理した。聞き取りに時間をかけている。",
        "message": "丁寧な聞き取りを続けておられます。",
        "next_action": "来月、事例をもち寄る。",
        "people": [{"person_id": caller["person_id"], "role": "visitor"}],
        "plan_item_ids": [caller["plan_item_id"]],
    }
    return json.dumps(body, ensure_ascii=False).encode()


def request(
    method: str, path: str, port: int, token: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> str:
    """Write one HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {token}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]) + body.decode()


def requests_of(
    key: str, world: dict[str, Any], tokens: list[str], port: int, *, prefix: str = "", tags: list[str] | None = None
) -> list[list[str]]:
    """Give what each connection sends: one connection per caller, each for its own centre."""
    made = []
    for n, caller in enumerate(world["callers"]):
        if key == "R1":
            paths = [path_of(key, world, caller, i) for i in range(len(caller["visit_ids"]))]
            made.append([request("GET", path, port, tokens[n]) for path in paths])
        elif key == "R3":
            path = f"{prefix or '/v1'}/office_visits"
            bodies = [visit_of(world, caller, i) for i in range(len(caller["office_ids"]))]
            made.append([request("POST", path, port, tokens[n], body) for body in bodies])
        else:
            path = path_of(key, world, caller)
            path = path.replace("/v1", prefix, 1) if prefix else path
            headers = {"If-None-Match": tags[n]} if tags else None
            made.append([request("GET", path, port, tokens[n], headers=headers)])
    return made
