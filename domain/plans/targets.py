"""Targets of a plan item over time: what was planned, then each revision from its day on.

Which target governs a day: the last one whose effective day is not later. What a year requires under the targets that
hold one after another is in ``requirements.py``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from domain.frequency import (
    COUNTABLE,
    Kind,
    Reading,
    maximum_in_year,
    minimum_in_year,
    phase_in_year,
    window_policy_of,
)


@dataclass(frozen=True, slots=True)
class Target:
    """A target from a day on. ``required`` null: no number follows; ``policy`` null: nothing falls due."""

    from_on: date
    text: str | None
    reading: Reading | None
    policy: str | None
    required: int | None
    maximum: int | None

    @property
    def kind(self) -> Kind | None:
        """The kind of its reading; null where the item has no target in this year."""
        return self.reading.kind if self.reading else None

    @property
    def needs_decision(self) -> bool:
        """Whether a number is wanted and not there: 未定, or a countable frequency that names none."""
        return self.kind is Kind.UNDETERMINED or (self.kind in COUNTABLE and self.required is None)


@lru_cache(maxsize=1024)
def _reading(document: bytes) -> Reading:
    return Reading.from_json(orjson.loads(document))


def reading_from(document: Any) -> Reading | None:
    """Read a stored reading; the same reading is the same object."""
    return None if document is None else _reading(orjson.dumps(document))


def target_of(item: Mapping[str, Any], operation_year: int) -> Target:
    """Give what an item was planned with."""
    reading = reading_from(item["target_reading"])
    is_bound = reading is not None and item["maximum_in_year"] is not None
    return Target(
        item["starts_on"],
        item["target_text"],
        reading,
        item["window_policy"],
        item["required_in_year"],
        bound_of(reading, operation_year) if is_bound and reading is not None else None,
    )


def bound_of(reading: Reading, operation_year: int) -> int | None:
    """Give the greatest number of an operation year; null where nothing bounds it.

    An interval or a week bounds nothing by itself: one meeting more than it asks for breaks no rule. It does only where
    the text states a maximum (以内, まで, 上限, 1～2回), which then lies above the minimum.
    """
    governing = phase_in_year(reading, operation_year)
    if governing is not None and (policy_of(governing) == "rolling" or governing.kind is Kind.PER_WEEK):
        states_one = governing.max_count is not None and governing.max_count > (governing.min_count or 0)
        return maximum_in_year(reading, operation_year) if states_one else None
    return maximum_in_year(reading, operation_year)


def target_read(text: str, reading: Reading, from_on: date, operation_year: int) -> Target:
    """Make the target of a text and its reading in an operation year."""
    return Target(
        from_on,
        text,
        reading,
        policy_of(reading),
        minimum_in_year(reading, operation_year),
        bound_of(reading, operation_year),
    )


def policy_of(reading: Reading) -> str | None:
    """Name the window policy of a reading; null where nothing falls due."""
    return window_policy_of(reading)


def targets_on(
    item: Mapping[str, Any], revisions: Sequence[Mapping[str, Any]], on: date, operation_year: int
) -> tuple[Target, ...]:
    """List the targets that have held from the start to ``on``; the last one is in force.

    ``revisions`` stand in order of their effective days; later ones do not exist yet on that day.
    """
    found = [target_of(item, operation_year)]
    for revision in revisions:
        if revision["effective_on"] > on:
            break
        reading = reading_from(revision["to_reading"])
        if reading is not None:
            found.append(target_read(revision["to_text"], reading, revision["effective_on"], operation_year))
    return tuple(found)


def in_force(item: Mapping[str, Any], revisions: Sequence[Mapping[str, Any]], on: date, operation_year: int) -> Target:
    """Give the target in force on a day."""
    return targets_on(item, revisions, on, operation_year)[-1]
