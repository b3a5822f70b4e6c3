"""What follows from what is said about a training: its days, its length, its themes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from domain.errors import rule_broken
from domain.ledger.entry import minutes_between

_THEME_OF = {
    "workforce_development": "workforce_development",
    "statutory": "statutory_training",
    "rights_protection": "rights_protection",
    "abuse_prevention": "abuse_prevention",
}
CATEGORIES = (*_THEME_OF, "other")
CASE_METHOD = "case_method"
"""Theme of a training on the method of case studies; item 3-(1) of the model programme asks for one of them a year."""


def themes_of(category: str, *, is_case_method: bool) -> tuple[str, ...]:
    """Give the themes by which counting rules find a training.

    >>> themes_of("statutory", is_case_method=False), themes_of("workforce_development", is_case_method=True)
    (('statutory_training',), ('workforce_development', 'case_method'))
    """
    own = (_THEME_OF[category],) if category in _THEME_OF else ()
    return (*own, CASE_METHOD) if is_case_method else own


def with_themes(themes: Iterable[str], more: Iterable[str], *, less: Iterable[str] = ()) -> list[str]:
    """Give themes without ``less`` and with ``more``, each once, in the order they came.

    >>> with_themes(["ojt", "rights_protection"], ["abuse_prevention"], less=["rights_protection"])
    ['ojt', 'abuse_prevention']
    """
    gone = set(less)
    return list(dict.fromkeys([*(theme for theme in themes if theme not in gone), *more]))


def dates_in_order(dates: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give the dates of a training by day; days that the database wrote into JSON become days again.

    Raises:
        RuleError: a day comes twice, or a date ends before it starts.
    """
    told: dict[date, dict[str, Any]] = {}
    for number, sitting in enumerate(dates):
        raw = sitting["held_on"]
        day = date.fromisoformat(raw) if isinstance(raw, str) else raw
        starts, ends = sitting.get("starts_at"), sitting.get("ends_at")
        if day in told:
            raise rule_broken(
                "repeated", "同じ日が2度あります。", "A day comes twice.", field=f"dates/{number}/held_on"
            )
        if ends is not None and (starts is None or ends <= starts):
            raise rule_broken(
                "ends_before_start",
                "終了時刻が開始時刻より後ではありません。",
                "ends_at is not after starts_at.",
                field=f"dates/{number}/ends_at",
            )
        told[day] = {"held_on": day, "starts_at": starts, "ends_at": ends, "location": sitting.get("location")}
    return [told[day] for day in sorted(told)]


def with_days(fields: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Derive from several dates how long a training is, and when it is planned, or held: on the first that took place.

    A training whose first date has come is held unless its status says otherwise.

    Raises:
        RuleError: ``held_on`` is none of the dates, or as ``dates_in_order``.

    >>> lent = {"dates": [{"held_on": date(2026, 10, 8)}, {"held_on": date(2026, 10, 1)}]}
    >>> with_days(lent, date(2026, 10, 5))["held_on"], with_days(lent, date(2026, 9, 1))["planned_on"]
    (datetime.date(2026, 10, 1), datetime.date(2026, 10, 1))
    """
    dates = dates_in_order(fields.get("dates") or ())
    whole = {**fields, "dates": dates}
    days = [sitting["held_on"] for sitting in dates]
    if not days:
        return whole
    if whole.get("duration_minutes") is None:
        whole["duration_minutes"] = minutes_of(dates)
    if whole.get("held_on") is None and whole.get("status") in (None, "held") and days[0] <= today:
        whole["held_on"] = days[0]
    if whole.get("held_on") is None and whole.get("planned_on") is None:
        whole["planned_on"] = days[0]
    if whole.get("held_on") is not None and whole["held_on"] not in days:
        raise rule_broken(
            "not_among_dates",
            "実施日は、日程のどれかの日にしてください(最初に行われた日)。",
            "held_on must be one of the dates: the first that took place.",
            field="held_on",
        )
    return whole


def minutes_of(dates: Sequence[Mapping[str, Any]]) -> int | None:
    """Add up the lengths of a training's dates, in minutes; None unless each of them, and there is one, has its times.

    >>> minutes_of([{"starts_at": "13:00", "ends_at": "16:00"}, {"starts_at": "09:30", "ends_at": "11:00"}])
    270
    >>> minutes_of([]), minutes_of([{"starts_at": "13:00", "ends_at": None}])
    (None, None)
    """
    if not dates or any(sitting["ends_at"] is None for sitting in dates):
        return None
    return sum(minutes_between(sitting["starts_at"], sitting["ends_at"]) for sitting in dates)
