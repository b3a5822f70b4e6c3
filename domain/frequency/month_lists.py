"""Months that several clauses of a text name one after the other: 年度当初と年度末, 年3回（第1回6月、第2回10月 …）."""

from domain.frequency.clauses import Clause, Joint, Spread
from domain.frequency.reading import Unit

_HALVES = {frozenset(range(4, 10)), frozenset({10, 11, 12, 1, 2, 3})}
_LISTING = frozenset({Joint.NOTHING, Joint.DOT, Joint.COMMA, Joint.SPACE, Joint.WORD})


def joined_months(before: Clause, clause: Clause) -> bool:
    """Add the months of a clause to those of the one before, where both are one list; tell whether they are."""
    if _continues(before, clause):
        _take(before, clause)
        return True
    if _specifies(before, clause):
        _specify(before, clause)
        return True
    if _names_further(before, clause):
        before.months += clause.months
        if before.day_of_month != clause.day_of_month:
            before.day_of_month = None
        return True
    return False


def _continues(before: Clause, clause: Clause) -> bool:
    """Whether two clauses list months one by one with the same count: 4月に1回、10月に1回."""
    if not (before.months and clause.months) or before.count is None or before.count != clause.count:
        return False
    plain = all(
        one.unit is None and one.span is None and not one.nth_weeks and not one.parity for one in (before, clause)
    )
    return plain and clause.joint in {Joint.COMMA, Joint.DOT, Joint.WORD, Joint.NOTHING}


def _take(before: Clause, clause: Clause) -> None:
    """Add months with the same count; both halves of the year together are the half-yearly rhythm."""
    halves = {frozenset(one.months) for one in (before, clause)} == _HALVES
    for one in (before, clause):
        if one.spread is Spread.RANGE:
            one.spread, one.groups = Spread.GROUPS, 1
    before.months += clause.months
    before.groups += clause.groups if clause.spread is Spread.GROUPS else 0
    before.mentioned |= clause.mentioned | {"each"}
    if before.spread is Spread.GROUPS and halves:
        before.unit, before.months, before.groups, before.spread = Unit.HALF, (), 1, Spread.EACH


def _names_further(before: Clause, clause: Clause) -> bool:
    """Whether a clause names one more month of a count for which months are lacking: 年3回（第1回6月、第2回10月 …）."""
    if not (before.months and clause.months) or before.unit is not Unit.YEAR or clause.is_core or clause.unit:
        return False
    lacking = before.count is not None and (before.count.low or 0) > len(before.months)
    return lacking and before.spread is clause.spread is Spread.EACH and not set(before.months) & set(clause.months)


def _specifies(before: Clause, clause: Clause) -> bool:
    """Whether a bracket tells which months a part of the year is: 年度末（2月又は3月）."""
    named = bool(before.months and clause.months) and before.spread is Spread.GROUPS
    return named and clause.bracketed and not clause.is_core and clause.spread is not Spread.GROUPS


def _specify(before: Clause, clause: Clause) -> None:
    before.months, before.spread, before.groups = clause.months, clause.spread, 1
    before.day_of_month = clause.day_of_month
    before.mentioned = (before.mentioned | clause.mentioned) - {"season"}


def take_listed(waiting: list[Clause], clause: Clause) -> None:
    """Put the months that were named before a clause into it, where both are one list: 年度当初と年度末."""
    if waiting and _specifies(waiting[-1], clause):
        clause.joint = waiting.pop().joint
        return
    if not (waiting and _lists_months(waiting[-1], clause)):
        return
    before = waiting.pop()
    if set(before.months) & set(clause.months):
        clause.joint, clause.mentioned = before.joint, clause.mentioned | before.mentioned
        return
    parts = [one.groups if one.spread is Spread.GROUPS else len(one.months) for one in (before, clause)]
    clause.months = tuple(dict.fromkeys(before.months + clause.months))
    clause.spread = Spread.EACH if sum(parts) == len(clause.months) else Spread.GROUPS
    clause.groups = sum(parts) if clause.spread is Spread.GROUPS else 1
    clause.joint = before.joint
    clause.mentioned |= before.mentioned
    if len(clause.months) == 12 and clause.count is not None and "each" not in clause.mentioned:
        clause.months, clause.spread, clause.groups = (), Spread.EACH, 1


def _lists_months(before: Clause, clause: Clause) -> bool:
    """Whether two neighbours name single months, or parts of the year of one length, one after the other."""
    if not (before.months and clause.months) or before.start_month or before.parity or before.day_of_month:
        return False
    if {before.spread, clause.spread} & {Spread.ANY, Spread.RANGE} or clause.unit not in {None, Unit.YEAR, Unit.MONTH}:
        return False
    lengths = {
        len(one.months) // (one.groups if one.spread is Spread.GROUPS else len(one.months)) for one in (before, clause)
    }
    return len(lengths) == 1 and (clause.joint in _LISTING or (before.bracketed and clause.bracketed))
