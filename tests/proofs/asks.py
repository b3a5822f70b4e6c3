"""How every operation is asked in the matrix, and who reaches what it is about.

One line an operation. A stale ``If-Match`` lets a change find its row and go no further (412), so that the matrix may
ask the same row of every caller. An operation without a line here fails the matrix.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.statements.columns import new_id
from tests.proofs.estates import DAY, ITEM, Estate
from tests.world import local_government_code

Body = Callable[[Estate], Any]
SPAN = "?from=2026-04-01&to=2026-04-30"
STALE = '"999999"'
RELATIONS = ("own", "office", "centre", "municipality", "missing")
EVERYWHERE = {"own", "office", "centre", "municipality"}
HERE = {"own", "office", "centre"}
CENTRE = {"own", "office"}
NOWHERE: set[str] = set()

REACHED: dict[str, dict[str, set[str]]] = {
    "ledger": {"ward_staff": HERE, "centre_manager": CENTRE, "centre_staff": CENTRE, "office_user": {"own"},
               "integration": CENTRE, "operator": NOWHERE},
    "office": {"ward_staff": HERE, "centre_manager": HERE, "centre_staff": HERE, "office_user": {"own"},
               "integration": HERE, "operator": NOWHERE},
    "ward's register": {"ward_staff": HERE, "integration": HERE},
    "centre": {"ward_staff": HERE, "centre_manager": CENTRE, "centre_staff": CENTRE, "office_user": HERE,
               "integration": CENTRE, "operator": EVERYWHERE},
    "municipality": {"ward_staff": HERE, "centre_manager": HERE, "centre_staff": HERE, "integration": HERE,
                     "operator": EVERYWHERE},
    "user": {"ward_staff": HERE, "centre_manager": NOWHERE, "operator": NOWHERE},
    "client": {"ward_staff": HERE, "operator": EVERYWHERE},
    "session": {key: {"own"} for key in ("ward_staff", "centre_manager", "centre_staff", "office_user", "operator")},
}  # fmt: skip
"""For each thing and role, the relations in which it is reached. Source: docs/access.md."""


@dataclass(frozen=True)
class Ask:
    """``about`` is the thing whose reach decides, None where nothing is named. ``ids`` fill the path.

    Of roles that hold the permission, ``no_give`` may never give what is asked, ``not_theirs`` reach the row and may
    not take this step with it. ``outside`` is the status outside reach: a batch tells it row by row.
    """

    about: str | None = None
    ids: tuple[str, ...] = ()
    body: Body | None = None
    query: Callable[[Estate], str] | None = None
    match: str | None = None
    no_give: tuple[str, ...] = ()
    not_theirs: tuple[str, ...] = ()
    outside: int = 404
    fills: dict[str, str] | None = None
    raw: str | None = None


def ledger(*ids: str, body: Body | None = None, match: str | None = None, **more: Any) -> Ask:
    return Ask("ledger", ids, body, match=match, **more)


def at_centre(*ids: str, body: Body | None = None, match: str | None = None, **more: Any) -> Ask:
    return Ask("centre", ids, body, match=match, **more)


def _empty(_: Estate) -> Any:
    return {}


def _at(**more: Any) -> Body:
    return lambda e: {"centre_id": e.centre, "municipality_id": e.municipality, "held_on": DAY, **more}


def _rows(one: Body) -> Body:
    """Make a batch of a single row."""
    return lambda e: {"rows": [one(e)]}


def _key(named: str) -> dict[str, str]:
    """Fill the path of an upsert by a key."""
    return {"source": "test", "id": named}


def _office(e: Estate) -> Any:
    return {"municipality_id": e.municipality, "name": "新しい相談室", "name_kana": "あたらしい"}


_PERSON = {"name": "相談 一郎", "name_kana": "そうだん いちろう", "employment": "part_time"}
_NOT_WARD = ("centre_manager", "operator")

ASKS: dict[str, Ask] = {
    "list_sessions": Ask(),
    "sign_out": Ask(),
    "end_session": Ask("session", ("session",)),
    "read_me": Ask(),
    "change_password": Ask(body=lambda _: {"old_password": "x" * 12, "new_password": "y" * 12}),
    "start_totp": Ask(body=lambda _: {"password": "x" * 12}),
    "confirm_totp": Ask(body=lambda _: {"code": "000000"}),
    "remove_totp": Ask(body=lambda _: {"password": "x" * 12}),
    "remove_totp_after_sign_in": Ask(),
    "list_users": Ask(),
    "read_user": Ask("user", ("user",)),
    "create_user": Ask(
        "user",
        body=lambda e: {
            "login": f"q-{new_id()}",
            "name": "試験",
            "assignment": {"role": "office_user", "office_id": e.office},
        },
        no_give=_NOT_WARD,
    ),
    "change_user": Ask("user", ("user",), lambda _: {"name": "別名"}, match=STALE),
    "add_assignment": Ask("user", ("user",), lambda e: {"role": "office_user", "office_id": e.office}),
    "end_assignment": Ask("user", ("user", "assignment"), match=STALE),
    "invite_user": Ask("user", ("user",)),
    "list_clients": Ask(),
    "read_client": Ask("client", ("client",)),
    "create_client": Ask(
        "client",
        body=lambda e: {"name": "連携", "scopes": ["offices:read"], "municipality_id": e.municipality},
    ),
    "change_client": Ask("client", ("client",), lambda _: {"name": "別名"}, match=STALE),
    "add_client_secret": Ask("client", ("client",)),
    "revoke_client_secret": Ask("client", ("client", "secret")),
    "list_municipalities": Ask(),
    "add_municipality": Ask(
        body=lambda _: {
            "id": local_government_code("13"),
            "kind": "city",
            "prefecture": "東京都",
            "name": "新市",
            "name_kana": "しんし",
        },
    ),
    "read_municipality": Ask("municipality", ("municipality",)),
    "change_municipality": Ask("municipality", ("municipality",), lambda _: {"name": "別名"}, match=STALE),
    "remove_municipality": Ask("municipality", ("municipality",), match=STALE),
    "list_centres": Ask(),
    "add_centre": Ask(
        body=lambda _: {
            "name": "新センター",
            "name_kana": "しん",
            "operation_mode": "direct",
            "opened_on": "2026-04-01",
        }
    ),
    "read_centre": at_centre("centre"),
    "change_centre": at_centre("centre", body=lambda _: {"nickname": "別名"}, match=STALE),
    "remove_centre": at_centre("centre", match=STALE),
    "list_coverage": at_centre("centre"),
    "cover_municipality": at_centre(
        "centre", body=lambda e: {"municipality_id": e.municipality, "valid_from": "2026-04-01"}
    ),
    "end_coverage": at_centre("centre", "coverage", body=lambda _: {"valid_to": "2027-03-31"}, match=STALE),
    "read_hours": at_centre("centre"),
    "set_hours": at_centre("centre", body=lambda _: {"results": []}, match=STALE),
    "list_closures": at_centre("centre", query=lambda _: SPAN),
    "set_closure": at_centre("centre", body=lambda _: {"kind": "closed"}, fills={"day": DAY}),
    "remove_closure": at_centre("centre", fills={"day": DAY}, match=STALE),
    "list_staffing": at_centre("centre"),
    "add_staffing": at_centre(
        "centre",
        body=lambda _: {"employment": "full_time", "is_dedicated": True, "person_count": 1, "valid_from": "2026-04-01"},
    ),
    "change_staffing": at_centre("centre", "staffing", body=lambda _: {"person_count": 3}, match=STALE),
    "remove_staffing": at_centre("centre", "staffing", match=STALE),
    "read_calendar": at_centre("centre", query=lambda _: SPAN),
    "export_calendar": at_centre("centre", query=lambda _: SPAN),
    "list_offices": Ask(),
    "add_office": Ask("office", body=_office),
    "add_offices": Ask("office", body=_rows(_office), outside=422),
    "upsert_office": Ask("office", body=_office, fills={"source": "test", "id": "x-1"}, match=STALE),
    "read_office": Ask("office", ("office",)),
    "change_office": Ask("office", ("office",), lambda _: {"name": "別名"}, match=STALE),
    "remove_office": Ask("office", ("office",), match=STALE),
    "import_office_register": Ask(
        "ward's register", query=lambda e: f"?municipality_id={e.municipality}&dry_run=true", raw="事業所番号\r\n"
    ),
    "list_people": Ask(),
    "add_person": Ask("office", body=lambda e: {**_PERSON, "office_id": e.office}),
    "add_people": Ask("office", body=_rows(lambda e: {**_PERSON, "office_id": e.office}), outside=422),
    "read_person": Ask("office", ("person",)),
    "change_person": Ask("office", ("person",), lambda _: {"post": "主任"}, match=STALE),
    "remove_person": Ask("office", ("person",), match=STALE),
    "list_office_visits": Ask(),
    "record_office_visit": ledger(body=lambda e: {"centre_id": e.centre, "office_id": e.office, "held_on": DAY}),
    "record_office_visits": ledger(
        body=_rows(lambda e: {"centre_id": e.centre, "office_id": e.office, "held_on": DAY}), outside=422
    ),
    "upsert_office_visit": ledger(
        body=lambda e: {"centre_id": e.centre, "office_id": e.office, "held_on": DAY}, fills=_key("v"), match=STALE
    ),
    "read_office_visit": ledger("visit"),
    "change_office_visit": ledger("visit", body=lambda _: {"findings": "x"}, match=STALE),
    "remove_office_visit": ledger("visit", match=STALE),
    "read_reflection_sheet": ledger("visit"),
    "write_reflection_sheet": ledger("visit", body=_empty, match=STALE),
    "share_reflection_sheet": ledger("visit", body=lambda _: {"shared_with_ward": True}, match=STALE),
    "list_viewpoint_sets": Ask(),
    "list_supervision_sessions": Ask(),
    "record_supervision_session": ledger(body=_at(session_type="group")),
    "record_supervision_sessions": ledger(body=_rows(_at(session_type="group")), outside=422),
    "upsert_supervision_session": ledger(body=_at(session_type="group"), fills=_key("s"), match=STALE),
    "read_supervision_session": ledger("supervision"),
    "change_supervision_session": ledger("supervision", body=lambda _: {"summary": "x"}, match=STALE),
    "remove_supervision_session": ledger("supervision", match=STALE),
    "list_training_events": Ask(),
    "record_training_event": ledger(body=_at(category="workforce_development", theme="研修")),
    "record_training_events": ledger(body=_rows(_at(category="workforce_development", theme="研修")), outside=422),
    "upsert_training_event": ledger(
        body=_at(category="workforce_development", theme="研修"), fills=_key("t"), match=STALE
    ),
    "read_training_event": ledger("training"),
    "change_training_event": ledger("training", body=lambda _: {"capacity": 10}, match=STALE),
    "remove_training_event": ledger("training", match=STALE),
    "list_activities": Ask(),
    "record_activity": ledger(body=_at(kind="meeting", title="会議")),
    "record_activities": ledger(body=_rows(_at(kind="meeting", title="会議")), outside=422),
    "read_activity": ledger("activity"),
    "change_activity": ledger("activity", body=lambda _: {"title": "別名"}, match=STALE),
    "remove_activity": ledger("activity", match=STALE),
    "upsert_activity": ledger(
        body=_at(kind="meeting", title="会議"), fills={"source": "test", "key": "k"}, match=STALE
    ),
    "list_work_programmes": Ask(),
    "record_work_programme": ledger(
        body=lambda e: {"centre_id": e.centre, "title": "二つ目", "valid_from_fiscal_year": 2031}
    ),
    "read_work_programme": ledger("programme"),
    "replace_work_programme": ledger(
        "programme", body=lambda e: {"centre_id": e.centre, "title": "別", "valid_from_fiscal_year": 2024}, match=STALE
    ),
    "change_work_programme": ledger("programme", body=lambda _: {"title": "別名"}, match=STALE),
    "list_work_programme_items": ledger("programme"),
    "add_work_programme_item": ledger("programme", body=lambda _: {**ITEM, "code": "1-(2)"}, match=STALE),
    "replace_work_programme_item": ledger("programme", "programme_item", body=lambda _: ITEM, match=STALE),
    "remove_work_programme_item": ledger("programme", "programme_item", match=STALE),
    "list_work_plans": Ask(),
    "generate_work_plan": ledger(body=lambda e: {"centre_id": e.centre, "fiscal_year": 2031}),
    "read_work_plan": ledger("plan"),
    "change_work_plan": ledger("plan", body=lambda _: {"note": "x"}, match=STALE),
    "remove_work_plan": ledger("plan", match=STALE),
    "list_work_plan_steps": ledger("plan"),
    "adopt_work_plan": ledger("plan", body=lambda _: {"meeting": "会議"}, match=STALE, not_theirs=("ward_staff",)),
    "submit_work_plan": ledger("plan", body=_empty, match=STALE, not_theirs=("ward_staff",)),
    "approve_work_plan": ledger("plan", body=_empty, match=STALE, not_theirs=("centre_manager",)),
    "return_work_plan": ledger("plan", body=lambda _: {"reason": "x"}, match=STALE, not_theirs=("centre_manager",)),
    "read_work_plan_progress": ledger("plan"),
    "export_work_plan_progress_csv": ledger("plan"),
    "export_work_plan_progress_xlsx": ledger("plan"),
    "list_work_plan_items": ledger("plan"),
    "read_work_plan_item": ledger("plan", "plan_item"),
    "change_work_plan_item": ledger("plan", "plan_item", body=lambda _: {"notes": []}, match=STALE),
    "link_work_plan": ledger("plan", body=_empty, not_theirs=("ward_staff",)),
    "list_target_revisions": ledger("plan", "plan_item"),
    "revise_target": ledger(
        "plan", "plan_item", body=lambda _: {"effective_on": DAY, "to_text": "年3回", "reason": "増やした"}
    ),
    "read_activity_counts": Ask(query=lambda _: "?period=2026-04"),
    "export_activity_counts_csv": Ask(query=lambda _: "?period=2026-04"),
    "export_activity_counts_ndjson": Ask(query=lambda _: "?period=2026-04"),
    "export_activity_counts_xlsx": Ask(query=lambda _: "?period=2026-04"),
    "list_metrics": Ask(),
    "list_changes": Ask(),
    "parse_frequency": Ask(body=lambda _: {"text": "年2回"}),
}

PUBLIC = {
    "sign_in_person",
    "refresh_session",
    "issue_token",
    "revoke_token",
    "introspect_token",
    "read_signing_keys",
    "accept_invitation",
    "list_problems",
    "read_problem",
}
"""The operations that need no caller, all of them."""

LISTED: dict[str, tuple[str, str]] = {
    "list_users": ("user", "user"),
    "list_clients": ("client", "client"),
    "list_municipalities": ("municipality", "municipality"),
    "list_centres": ("centre", "centre"),
    "list_offices": ("office", "office"),
    "list_people": ("office", "person"),
    "list_office_visits": ("ledger", "visit"),
    "list_supervision_sessions": ("ledger", "supervision"),
    "list_training_events": ("ledger", "training"),
    "list_activities": ("ledger", "activity"),
    "list_work_programmes": ("ledger", "programme"),
    "list_work_plans": ("ledger", "plan"),
}
"""For each list that holds somebody's rows: the thing that decides, and the id that its rows carry."""
FED: dict[str, tuple[str, ...]] = {
    "ledger": ("visit", "supervision", "training", "activity", "programme", "plan"),
    "office": ("office", "person"),
    "centre": ("centre",),
    "municipality": ("municipality",),
}
"""What the change feed tells of, by the thing that decides."""
CALENDARS = {"list_office_visits", "list_supervision_sessions", "list_training_events", "list_activities"}
"""Lists that calendar programs read too."""
SHARED_LISTS = {"list_viewpoint_sets", "list_metrics", "list_sessions"}
"""Lists of what is everybody's, or of the caller's own."""
