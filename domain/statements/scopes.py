"""Scopes: what a caller's transactions begin with, built once per principal from validated ids."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from domain.access import NOWHERE, Actor, Permission, Place, PlaceKind, Role, View
from domain.statements.compiling import DialectName

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CODE = re.compile(r"[0-9]{6}")
_CALLER = re.compile(r"[A-Za-z0-9:_-]{1,60}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller's transactions begin with: the settings of wall two as SQL, the parameters of wall one as values.

    Built once per principal and kept with it. ``takeover`` is the preamble for a transaction that had another one.
    """

    actor: Actor
    preamble: str
    door_preamble: str
    takeover: str
    values: Mapping[str, Any]
    view: View


def _setting(name: str, value: str) -> str:
    # A utility statement is not planned: a third cheaper than set_config() in a SELECT.
    return f"SET LOCAL app.{name} = '{value}'"


def _members(items: Sequence[str]) -> str:
    return f"{{{','.join(items)}}}"


def scope_of(actor: Actor, dialect: DialectName) -> Scope:
    """Build the scope of an actor.

    Every id goes into SQL text here, so each is matched against its exact form first; a mismatch is a defect.
    """
    reach = actor.reach
    lists = {
        "centres": reach.centres,
        "own_centres": reach.own_centres,
        "ward_centres": reach.ward_centres,
        "free_centres": reach.free_centres,
        "near_centres": reach.near_centres,
        "municipalities": reach.municipalities,
        "open_municipalities": reach.open_municipalities,
        "offices": reach.offices,
    }
    caller = f"{actor.role}:{actor.subject_id}"
    for name, items in lists.items():
        form = _CODE if name.endswith("municipalities") else _ID
        if not all(form.fullmatch(item) for item in items):
            raise ValueError(f"malformed id in reach: {name}")
    if not _CALLER.fullmatch(caller) or not all(_ID.fullmatch(w.centre_id) for w in reach.windows):
        raise ValueError("malformed caller or window")
    windows = [(w.centre_id, w.from_on.isoformat(), w.to_on.isoformat()) for w in reach.windows]
    settings = [_setting(name, _members(items)) for name, items in lists.items() if items]
    settings.append(_setting("caller", caller))
    if windows:
        settings.append(_setting("windows", _members(["|".join(w) for w in windows])))
    if reach.everywhere:
        settings.append(_setting("everywhere", "1"))
    opened = [s for s in settings if "app.everywhere" not in s]
    opened += [_setting("door", "credentials"), _setting("everywhere", "1")]
    values: dict[str, Any] = {f"reach_{name}": list(items) for name, items in lists.items()}
    values |= {
        "reach_windows": [list(w) for w in windows],
        "reach_window_centres": [w.centre_id for w in reach.windows],
        "reach_window_from": [w.from_on for w in reach.windows],
        "reach_window_to": [w.to_on for w in reach.windows],
        "reach_own_centre": reach.own_centres[0] if reach.own_centres else None,
        "reach_ward_centre": reach.ward_centres[0] if reach.ward_centres else None,
        "reach_near_centre": reach.near_centres[0] if reach.near_centres else None,
        "reach_everywhere": 1 if reach.everywhere else 0,
        "reach_caller": caller,
    }
    if dialect == "sqlite":
        values = {n: orjson.dumps(v).decode() if isinstance(v, list) else v for n, v in values.items()}
    cleared = [_setting(name, "") for name in (*lists, "windows", "everywhere", "door")]
    return Scope(actor, "; ".join(settings), "; ".join(opened), "; ".join(cleared + settings), values, reach.view)


NOBODY = Actor(
    role=Role.OPERATOR,
    place=Place(PlaceKind.DEPLOYMENT),
    reach=NOWHERE,
    permissions=frozenset[Permission](),
    subject_id="nobody",
    session_id="none",
    assignment_id="none",
)
"""Who acts before anybody has signed in: no permission, no reach."""
