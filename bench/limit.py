"""The limit: a bare ASGI application that does the SQL work of each request and nothing else.

asyncpg, statements prepared once per connection, JSON built by PostgreSQL, tokens looked up in a dict, no transaction
of its own, no row-level security, no checks beyond the centre of the token. ``POST /v1/office_visits`` stores what the
peers store (L0C); ``POST /rollup/office_visits`` also adds to both rollups and writes the audit row, in the same one
statement (L0CR).
"""

import json
import os
from collections.abc import Awaitable, Callable
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import asyncpg
import orjson
from uuid_utils import uuid7

CONNECTIONS = 24
TOKENS: dict[bytes, str] = {
    f"Bearer {token}".encode(): centre
    for token, centre in json.loads(Path(os.environ["BENCH_TOKENS"]).read_text()).items()
}

ACTIVITY = """a.id, a.centre_id, a.kind, a.municipality_id, a.centre_role, a.title, a.status, a.status_reason,
a.planned_on, a.held_on, a.starts_at, a.ends_at, a.duration_minutes, a.format, a.location, a.office_id,
a.participant_count, a.body, a.themes, a.needs, a.purposes, a.counted_as, a.visibility, a.disclosure, a.sensitivity,
a.follow_up_of_id, a.internal_note, a.external_source, a.external_id, a.month, a.origin, a.version, a.created_at,
a.updated_at, a.deleted_at"""
LINKS = """
(SELECT coalesce(json_agg(json_build_object('office_id', l.office_id, 'side', l.side, 'mode', l.mode, 'attendance',
  l.attendance, 'participant_count', l.participant_count)), '[]') FROM activity_office l WHERE l.activity_id = a.id)
  AS offices,
(SELECT coalesce(json_agg(json_build_object('person_id', l.person_id, 'role', l.role, 'mode', l.mode, 'attendance',
  l.attendance)), '[]') FROM activity_person l WHERE l.activity_id = a.id) AS people,
(SELECT coalesce(json_agg(json_build_object('organization_kind', l.organization_kind, 'name', l.name, 'side', l.side,
  'mode', l.mode, 'is_present', l.is_present)), '[]') FROM activity_organization l WHERE l.activity_id = a.id)
  AS organizations,
(SELECT coalesce(json_agg(json_build_object('item_id', l.item_id, 'linked_by', l.linked_by)), '[]')
  FROM activity_plan_item l WHERE l.activity_id = a.id) AS plan_items"""
DETAILS = "v.menus, v.findings, v.internal_findings, v.message, v.next_action, v.follow_up_due_on"

VISIT = f"""
SELECT row_to_json(f)::text FROM (SELECT {ACTIVITY}, {DETAILS}, {LINKS} FROM activity a
JOIN office_visit v ON v.id = a.id WHERE a.id = $1::uuid AND a.centre_id = $2::uuid AND a.deleted_at IS NULL) f"""

PAGE = f"""
SELECT json_build_object('resultset', json_build_object('limit', 50, 'next_cursor', NULL, 'count', NULL), 'results',
  coalesce(json_agg(row_to_json(f)), '[]'))::text
FROM (SELECT {ACTIVITY} FROM activity a WHERE a.centre_id = $1::uuid AND a.occurs_on >= $2 AND a.occurs_on <= $3
  AND a.deleted_at IS NULL ORDER BY a.occurs_on DESC, a.id DESC LIMIT 50) f"""

COUNTS = """
SELECT json_build_object('results', coalesce(json_agg(json_build_object('period', to_char(month, 'YYYY-MM'), 'kind',
  kind, 'value', n) ORDER BY month, kind), '[]'))::text
FROM (SELECT month, kind, sum(held_count)::bigint AS n FROM activity_rollup
  WHERE centre_id = $1::uuid AND month >= $2 AND month <= $3 GROUP BY month, kind) f"""
RAW_COUNTS = (
    COUNTS.replace("sum(held_count)::bigint", "count(*)")
    .replace("activity_rollup", "activity")
    .replace("month <= $3", "month <= $3 AND occurs_on >= $2 AND status = 'held' AND deleted_at IS NULL")
)

PROGRESS = """
SELECT json_build_object('items', json_agg(json_build_object('id', i.id, 'code', i.code, 'title', i.title,
  'target_text', i.target_text, 'required_in_year', i.required_in_year, 'done', r.done,
  'by_month', r.by_month, 'last_on', e.last_on, 'evidence_ids', e.ids) ORDER BY i.position))::text
FROM work_plan_item i
CROSS JOIN LATERAL (SELECT coalesce(sum(n), 0) AS done, coalesce(json_object_agg(month, n), '{}') AS by_month
  FROM (SELECT month, sum(held_count) AS n FROM plan_item_rollup
    WHERE centre_id = i.centre_id AND item_id = i.id GROUP BY month) m) r
CROSS JOIN LATERAL (SELECT coalesce(json_agg(id), '[]') AS ids, max(held_on) AS last_on
  FROM (SELECT activity_id AS id, occurs_on AS held_on FROM activity_plan_item
    WHERE item_id = i.id AND centre_id = i.centre_id AND status = 'held'
    ORDER BY occurs_on DESC, activity_id DESC LIMIT 200) n) e
WHERE i.plan_id = $1::uuid AND i.centre_id = $2::uuid"""

RECORD = f"""
WITH o AS (SELECT id, municipality_id, name FROM office WHERE id = $3::uuid AND deleted_at IS NULL
  AND municipality_id IN (SELECT municipality_id FROM centre_coverage WHERE centre_id = $2::uuid)),
a AS (INSERT INTO activity (id, centre_id, municipality_id, kind, centre_role, title, title_folded, status, planned_on,
  held_on, occurs_on, month, starts_at, ends_at, duration_minutes, format, office_id, office_ids, participant_count,
  themes, needs, purposes, counted_as, visibility, disclosure, sensitivity, origin, created_by, version, changed_tx,
  created_at, updated_at)
  SELECT $1::uuid, $2::uuid, o.municipality_id, 'office_visit', 'host', o.name, o.name, 'held', NULL, $4, $4,
  date_trunc('month', $4::date), $5, $6, 90, 'onsite', o.id, ARRAY[o.id], $7, '{{}}', '{{}}', '{{}}', '{{}}',
  'offices_involved', 'unmarked', 'normal', 'recorded', 'limit', 1, pg_current_xact_id()::text::bigint, now(), now()
  FROM o RETURNING *),
v AS (INSERT INTO office_visit (id, centre_id, municipality_id, office_id, menus, findings, message, next_action)
  SELECT id, centre_id, municipality_id, office_id, $8::text[], $9, $10, $11 FROM a RETURNING *),
lo AS (INSERT INTO activity_office (activity_id, office_id, centre_id, municipality_id, side, mode, attendance)
  SELECT id, office_id, centre_id, municipality_id, 'subject', 'onsite', 'present' FROM a RETURNING *),
lp AS (INSERT INTO activity_person (activity_id, person_id, role, centre_id, mode, attendance)
  SELECT a.id, p.id, 'visitor', a.centre_id, 'onsite', 'present' FROM a JOIN person p ON p.id = $12::uuid RETURNING *),
li AS (INSERT INTO activity_plan_item (activity_id, item_id, centre_id, municipality_id, linked_by, status, occurs_on,
  themes, visibility)
  SELECT a.id, i.id, a.centre_id, a.municipality_id, 'named', a.status, a.occurs_on, a.themes, a.visibility FROM a
  JOIN work_plan_item i ON i.id = $13::uuid AND i.centre_id = a.centre_id RETURNING *)
/* more */
SELECT row_to_json(f)::text FROM (SELECT {ACTIVITY}, {DETAILS},
  json_build_array(json_build_object('office_id', lo.office_id, 'side', lo.side, 'mode', lo.mode, 'attendance',
    lo.attendance, 'participant_count', lo.participant_count)) AS offices,
  json_build_array(json_build_object('person_id', lp.person_id, 'role', lp.role, 'mode', lp.mode, 'attendance',
    lp.attendance)) AS people, '[]'::json AS organizations,
  json_build_array(json_build_object('item_id', li.item_id, 'linked_by', li.linked_by)) AS plan_items
  FROM a, v, lo, lp, li) f"""
RECORD_WITH_ROLLUP = RECORD.replace(
    "/* more */",
    """,
ra AS (INSERT INTO activity_rollup SELECT centre_id, month, kind, centre_role, municipality_id, visibility = 'centre',
  1, participant_count, 90 FROM a
  ON CONFLICT (centre_id, month, kind, centre_role, municipality_id, is_centre_only) DO UPDATE SET
  held_count = activity_rollup.held_count + excluded.held_count,
  participant_count = activity_rollup.participant_count + excluded.participant_count,
  duration_minutes = activity_rollup.duration_minutes + excluded.duration_minutes),
ri AS (INSERT INTO plan_item_rollup SELECT a.centre_id, li.item_id, a.month, a.municipality_id, a.visibility = 'centre',
  1, participant_count, 90 FROM a, li
  ON CONFLICT (centre_id, item_id, month, municipality_id, is_centre_only) DO UPDATE SET
  held_count = plan_item_rollup.held_count + excluded.held_count,
  participant_count = plan_item_rollup.participant_count + excluded.participant_count,
  duration_minutes = plan_item_rollup.duration_minutes + excluded.duration_minutes),
au AS (INSERT INTO audit_entry (id, at, request_id, role, subject_id, session_id, action, area, entity_id, centre_id,
  municipality_id, office_id, after) SELECT $14::uuid, now(), '-', 'centre_staff', 'limit', 'limit',
  'office_visits.record', 'office_visits', id, centre_id, municipality_id, office_id, $15 FROM a)""",
)

STATEMENTS = {
    "visit": VISIT, "page": PAGE, "counts": COUNTS, "raw_counts": RAW_COUNTS, "progress": PROGRESS, "record": RECORD,
    "record_with_rollup": RECORD_WITH_ROLLUP,
}  # fmt: skip

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Connections:
    """A last-in-first-out stack of connections, each with every statement prepared."""

    def __init__(self) -> None:
        self.idle: list[dict[str, Any]] = []

    async def open(self) -> None:
        for _ in range(CONNECTIONS):
            connection = await asyncpg.connect(
                os.environ["BENCH_DATABASE"], server_settings={"plan_cache_mode": "force_generic_plan"}
            )
            prepared = {name: await connection.prepare(sql) for name, sql in STATEMENTS.items()}
            self.idle.append(prepared)

    async def value(self, name: str, *values: Any) -> bytes | None:
        prepared = self.idle.pop()
        try:
            found = await prepared[name].fetchval(*values)
        finally:
            self.idle.append(prepared)
        return None if found is None else found.encode()


CONNECTED = Connections()


async def app(scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    headers = dict(scope["headers"])
    centre = TOKENS.get(headers.get(b"authorization", b""))
    if centre is None:
        await answer(send, 401, b"{}")
        return
    path = scope["path"]
    if scope["method"] == "POST":
        message = await receive()
        await record(send, centre, orjson.loads(message["body"]), with_rollup=path.startswith("/rollup/"))
    elif path.startswith("/v1/office_visits/"):
        await answer(send, 200, await CONNECTED.value("visit", path[18:], centre))
    elif path == "/v1/activities":
        month = dict(parse_qsl(scope["query_string"].decode()))["month"]
        first, last = bounds(month)
        await answer(send, 200, await CONNECTED.value("page", centre, first, last))
    elif path.startswith("/v1/work_plans/"):
        await tagged(send, headers, await CONNECTED.value("progress", path[15:51], centre))
    else:
        asked = dict(parse_qsl(scope["query_string"].decode()))
        first, last = (date.fromisoformat(asked[name] + "-01") for name in ("from", "to"))
        name = "raw_counts" if path == "/raw/activity_counts" else "counts"
        await tagged(send, headers, await CONNECTED.value(name, centre, first, last))


async def record(send: Send, centre: str, body: dict[str, Any], *, with_rollup: bool) -> None:
    values = [
        str(uuid7()), centre, body["office_id"], date.fromisoformat(body["held_on"]), body["starts_at"],
        body["ends_at"], body["participant_count"], body["menus"], body["findings"], body["message"],
        body["next_action"], body["people"][0]["person_id"], body["plan_item_ids"][0],
    ]  # fmt: skip
    if with_rollup:
        made = await CONNECTED.value("record_with_rollup", *values, str(uuid7()), orjson.dumps(body).decode())
    else:
        made = await CONNECTED.value("record", *values)
    await answer(send, 201, made)


async def tagged(send: Send, headers: dict[bytes, bytes], body: bytes | None) -> None:
    tag = b'"%s"' % blake2b(body or b"", digest_size=12).hexdigest().encode()
    if headers.get(b"if-none-match") == tag:
        await answer(send, 304, b"", (b"etag", tag))
    else:
        await answer(send, 200, body, (b"etag", tag))


async def answer(send: Send, status: int, body: bytes | None, *more: tuple[bytes, bytes]) -> None:
    if body is None:
        status, body = 404, b"{}"
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def bounds(month: str) -> tuple[date, date]:
    first = date.fromisoformat(month + "-01")
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first, date.fromordinal(following.toordinal() - 1)


async def lifespan(receive: Callable[[], Awaitable[dict[str, Any]]], send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await CONNECTED.open()
            await send({"type": "lifespan.startup.complete"})
        else:
            await send({"type": "lifespan.shutdown.complete"})
            return
