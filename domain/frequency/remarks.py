"""Notes on what surrounds a frequency: signs, brackets, year labels, qualifiers, open-ended words, whom it is for."""

import re

from domain.frequency import values
from domain.frequency.clauses import Clause, Joint, Label
from domain.frequency.hearing import Hearing, Note
from domain.frequency.reading import Kind
from domain.frequency.words import Token
from domain.frequency.year_labels import label_in

LEADING = {"at_least": "at_least", "at_most": "at_most", "aim_before": "aim", "each": "each", "series": "series"}
TRAILING = frozenset({"principle", "approx_before", "aim", "aim_before", "at_least", "at_most"})
"""What a bracket may add to the count before it: 年2回（原則）."""

_OF_PROSE = re.compile("の(?!開催|実施|訪問|試行|み)|で(?!開催|実施)|に分|ごと|とも")
_HELD = re.compile("開催|実施|行う|行い|提出|報告|訪問|参加|作成|見直")
_OF_HOLDING = re.compile(r"$|.{0,6}(?:開催|実施|臨時|追加|増|開く|招集|行う|行な|対応|訪問)")
"""Words after 必要に応じて that still speak of holding it once more; others tell of something else."""


def _word(hearing: Hearing, token: Token) -> None:
    """Unknown words: a qualifier does not reach over them, 原則として over a short subject only (原則、会議は月1回)."""
    plain = token.text.strip("にはのをがで")
    if hearing.previous.sort == "count" and _OF_PROSE.match(token.text):
        hearing.clause.mentioned.add("prose")
    if hearing.previous.sort == "months" and _HELD.search(token.text):
        hearing.clause.mentioned.add("held")
    if hearing.previous.sort == "as_needed" and hearing.previous.text != "随時" and not _OF_HOLDING.match(plain):
        hearing.clause.mentioned.add("aside")
    hearing.patience -= len(plain)
    last = hearing.items[-1] if hearing.items and hearing.clause.is_empty else None
    if plain and isinstance(last, Label):
        last.worded = True
    if plain:
        hearing.ahead.discard("approximate")
        if hearing.clause.is_empty:
            hearing.clause.mentioned.add("prefaced")
    if hearing.patience < 0:
        hearing.ahead.discard("in_principle")


def _separate(joint: Joint) -> Note:
    def note(hearing: Hearing, _: Token) -> None:
        hearing.cut(joint)

    return note


def _open(hearing: Hearing, _: Token) -> None:
    hearing.ahead.discard("in_principle")
    hearing.depth += 1
    hearing.cut(Joint.BRACKET)
    hearing.clause.bracketed = True


def _close(hearing: Hearing, _: Token) -> None:
    hearing.depth = max(0, hearing.depth - 1)
    if hearing.clause.is_empty and hearing.previous.sort in TRAILING:
        last = hearing.last_clause
        if last is not None:
            last.mentioned |= hearing.ahead
        hearing.ahead = set()
    bracketed = not hearing.clause.is_empty
    hearing.cut(Joint.SPACE)
    if bracketed or hearing.depth == 0:
        hearing.clause.joint = Joint.NOTHING
    hearing.clause.bracketed = hearing.depth > 0


def _next_label(hearing: Hearing, token: Token) -> None:
    """翌年度 goes on from whatever stood before; 以降は only from years: 7月に1回、以降は毎月 names none."""
    if token.text.startswith(("次", "翌")) or any(isinstance(item, Label) for item in hearing.items):
        _label(hearing, token)


def _label(hearing: Hearing, token: Token) -> None:
    joint = hearing.clause.joint if hearing.clause.is_empty else Joint.NOTHING
    hearing.cut(Joint.NOTHING)
    label = label_in(token)
    label.bracketed, label.joint = hearing.depth > 0, joint
    hearing.items.append(label)
    hearing.clause = Clause(joint=Joint.NOTHING, bracketed=hearing.depth > 0)


def _open_ended(kind: Kind, *marks: str) -> Note:
    def note(hearing: Hearing, token: Token) -> None:
        present = hearing.clause
        if present.open_kind is not None:
            merged = values.merged_open(present.open_kind, kind)
            if merged is not None:
                present.open_kind = merged
                present.mentioned |= set(marks) | ({"extra"} if token.text == "臨時" else set())
                if token.text == "随時":
                    present.mentioned.discard("aside")
                elif token.sort == "as_needed":
                    present.mentioned.add("need")
                return
        clause = hearing.clause_for(token, free=present.is_empty)
        clause.open_kind = kind
        clause.mentioned |= set(marks)
        if (token.sort == "as_needed" and token.text != "随時") or token.text == "臨時":
            clause.mentioned |= {"need"} | ({"extra"} if token.text == "臨時" else set())

    return note


def _stop(hearing: Hearing, token: Token) -> None:
    if "休み" not in token.text:
        _open_ended(Kind.SUSPENDED)(hearing, token)


def _ahead(hearing: Hearing, token: Token) -> None:
    hearing.ahead.add(LEADING[token.sort])
    if token.sort in {"series", "each"} and hearing.previous.sort == "count":
        hearing.clause.mentioned |= hearing.ahead
        hearing.ahead = set()


def _approx_before(hearing: Hearing, _: Token) -> None:
    hearing.ahead.add("approximate")


def _approx_after(hearing: Hearing, token: Token) -> None:
    last = hearing.last_clause
    if token.start != hearing.heard_until and not (hearing.previous.sort == "open" and hearing.clause.is_empty):
        return
    if last is not None:
        last.mentioned.add("approximate")
    elif hearing.length is not None:
        hearing.ahead.add("about_length")


def _principle(hearing: Hearing, token: Token) -> None:
    last = hearing.last_clause
    if token.text.startswith("を"):
        if last is not None:
            last.mentioned.add("in_principle")
    else:
        hearing.ahead.add("in_principle")
        hearing.patience = 12


def _aim(hearing: Hearing, _: Token) -> None:
    """An aim concerns the count only in its own clause, or as 「…することを目指す」 right after it."""
    said_of_doing = hearing.previous.text.endswith(("こと", "実施", "開催"))
    last = hearing.last_clause if said_of_doing else hearing.clause
    if last is not None and not last.is_empty:
        last.mentioned.add("aim")
    elif hearing.previous.sort == "open":
        hearing.ahead.add("aim")


def _sub_quota(hearing: Hearing, token: Token) -> None:
    hearing.sub_quotas.append(token.text)


def _per_unit(hearing: Hearing, token: Token) -> None:
    hearing.per_unit = token.text.strip("、: ")
    if hearing.per_unit.startswith("ご"):
        hearing.per_unit = hearing.previous.text[-8:] + hearing.per_unit


def _holiday_rule(hearing: Hearing, _: Token) -> None:
    if hearing.last_clause is not None:
        hearing.last_clause.mentioned.add("holiday_rule")


def _limited_time(hearing: Hearing, _: Token) -> None:
    last = hearing.last_clause if hearing.previous.sort == "open" else None
    if last is not None:
        last.mentioned.add("limited_time")
    else:
        hearing.ahead.add("limited_time")


def _times(hearing: Hearing, token: Token) -> None:
    hearing.multiplied = hearing.multiplied or (
        hearing.previous.sort == "amount" or (token.start == hearing.heard_until and hearing.length is None)
    )


def _opening(hearing: Hearing, _: Token) -> None:
    hearing.clause.mentioned.add("opening")


REMARKS: dict[str, Note] = {
    "word": _word,
    "space": _separate(Joint.SPACE),
    "dot": _separate(Joint.DOT),
    "comma": _separate(Joint.COMMA),
    "arrow": _separate(Joint.ARROW),
    "join": _separate(Joint.WORD),
    "or": _separate(Joint.DOT),
    "open": _open,
    "close": _close,
    "label": _label,
    "first_years": _label,
    "fiscal_label": _label,
    "next_label": _next_label,
    "holiday_rule": _holiday_rule,
    "stop": _stop,
    "undetermined": _open_ended(Kind.UNDETERMINED),
    "broken_interval": _open_ended(Kind.UNDETERMINED, "broken"),
    "vague_interval": _open_ended(Kind.UNDETERMINED, "unnamed"),
    "detail": _open_ended(Kind.UNDETERMINED, "detail"),
    "regular": _open_ended(Kind.UNDETERMINED, "regular"),
    "irregular": _open_ended(Kind.AS_NEEDED, "loosely"),
    "as_needed": _open_ended(Kind.AS_NEEDED),
    "as_needed_loosely": _open_ended(Kind.AS_NEEDED, "loosely"),
    "timely": _open_ended(Kind.TIMELY),
    "continuous": _open_ended(Kind.CONTINUOUS),
    "available": _open_ended(Kind.CONTINUOUS, "available"),
    "from_opening": _open_ended(Kind.FROM_OPENING),
    "opening": _opening,
    "at_least": _ahead,
    "at_most": _ahead,
    "aim_before": _ahead,
    "each": _ahead,
    "series": _ahead,
    "approx_before": _approx_before,
    "approx_after": _approx_after,
    "principle": _principle,
    "aim": _aim,
    "sub_quota": _sub_quota,
    "per_unit": _per_unit,
    "limited_time": _limited_time,
    "times": _times,
}
"""Sort of token → how it is noted."""
