"""随時 beside a count: on top (年1回、ほか随時), framed (随時（年2回以上）), or a value of its own (年1回 随時)."""

from domain.frequency.clauses import Clause, Joint
from domain.frequency.reading import Kind

_NEEDS = frozenset({Kind.AS_NEEDED, Kind.TIMELY})


def with_extras(clauses: list[Clause]) -> list[Clause]:
    """Turn 随時 on top of a count into ``also_as_needed``; leave out 定期的に and 通年 beside a count."""
    counted = any(not clause.is_open for clause in clauses)
    kept: list[Clause] = []
    extra: Clause | None = None
    for clause in clauses:
        if _is_faint(clause, clauses, counted=counted) or (extra is not None and _repeats_need(clause)):
            continue
        extra = None
        if kept and clause.is_open and clause.open_kind is kept[-1].open_kind and clause.joint is not Joint.SPACE:
            kept[-1].mentioned |= clause.mentioned
        elif kept and _adds_need(clause, kept[-1]):
            kept[-1].mentioned |= {"also_as_needed"} | ({"timely_extra"} if clause.open_kind is Kind.TIMELY else set())
            extra = clause if "extra" in clause.mentioned else None
        elif kept and _bounds_need(clause, kept[-1]):
            clause.mentioned |= {"also_as_needed"} | (
                {"extra_lower_bound"} if clause.joint is not Joint.WORD else set()
            )
            kept[-1] = clause
        else:
            kept.append(clause)
    return kept


def _is_faint(clause: Clause, clauses: list[Clause], *, counted: bool) -> bool:
    if "detail" in clause.mentioned and len(clauses) > 1:
        return True
    if "aside" in clause.mentioned and clause.joint is Joint.COMMA and counted:
        return True
    if "regular" in clause.mentioned and clause.is_open:
        return counted
    if clause.open_kind is not Kind.CONTINUOUS or all(one.open_kind is Kind.CONTINUOUS for one in clauses):
        return False
    following = clauses[clauses.index(clause) + 1 :]
    joint = following[0].joint if following else clause.joint
    return joint not in {Joint.SPACE, Joint.DOT}


def _adds_need(extra: Clause, main: Clause) -> bool:
    """Whether 随時 comes on top of what stands before it: 年1回、ほか随時 does, 年1回 随時 does not."""
    if extra.open_kind not in _NEEDS or (main.is_open and "regular" not in main.mentioned):
        return False
    if extra.joint is Joint.WORD:
        return True
    return _is_worded_need(extra) and extra.joint in {Joint.COMMA, Joint.BRACKET}


def _repeats_need(clause: Clause) -> bool:
    """Whether a clause only says when the extra meeting named before it is held: 臨時会 随時."""
    return clause.open_kind is Kind.AS_NEEDED and clause.joint in {Joint.NOTHING, Joint.SPACE, Joint.BRACKET}


def _is_worded_need(extra: Clause) -> bool:
    """必要に応じて, 臨時 and the like, said of the same thing; not 相談は必要に応じて."""
    return "need" in extra.mentioned and ("prefaced" not in extra.mentioned or "extra" in extra.mentioned)


def _bounds_need(main: Clause, extra: Clause) -> bool:
    """Whether a count follows 随時 as its frame: 随時開催するほか月1回, 随時（年2回以上）."""
    if extra.open_kind not in _NEEDS or main.is_open:
        return False
    if main.joint is Joint.WORD:
        return True
    at_least = main.count is not None and main.count.high is None and bool(main.count.low)
    return (at_least or "at_least" in main.mentioned) and main.joint in {Joint.BRACKET, Joint.COMMA}
