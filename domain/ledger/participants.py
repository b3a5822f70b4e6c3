"""How many took part in an activity (参加人数), counted from the attendance where its recorder says no number. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

ROLES = ("participant", "supervisee", "presenter")
"""Whom an activity is for. Who leads, teaches, visits or watches is there too, but is not counted."""


def participants_in(offices: Sequence[Mapping[str, Any]], people: Sequence[Mapping[str, Any]]) -> int | None:
    """Count who took part: the sum over present offices where any gives a number, else the people present.

    None where neither says anything.

    >>> participants_in([{"attendance": "present", "participant_count": 3}], []), participants_in([], [])
    (3, None)
    >>> participants_in(
    ...     [], [{"role": "supervisee", "attendance": "late"}, {"role": "supervisor", "attendance": "late"}]
    ... )
    1
    """
    given = (link["participant_count"] for link in offices if link["attendance"] == "present")
    counts: list[int] = [count for count in given if count is not None]
    if counts:
        return sum(counts)
    named = [link for link in people if link["role"] in ROLES]
    return sum(link["attendance"] in ("present", "late") for link in named) if named else None
