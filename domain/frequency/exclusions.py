"""What a frequency text leaves out or runs together, settled among the tokens before anything is heard.

8月を除く turns the month before it into an excluded one; 第3木曜日または第4木曜日 becomes one weekday pattern.
"""

from domain.frequency.values import USUAL_INTERVALS, weekdays_in
from domain.frequency.words import Token

_CLOSED = frozenset({"months", "month_day", "holiday", "weekdays", "parity", "nth_weekdays", "nth_weeks", "half_named"})
_CLOSED |= {"season", "quarters", "excluded_months", "excluded_weekdays"}
_OPENING = frozenset({"open", "comma", "space"})
_BETWEEN = frozenset({"dot", "join", "or"})
_WEEKEND = frozenset({"sat", "sun"})


def with_exclusions(tokens: list[Token]) -> list[Token]:
    """Mark what is excluded and join split weekday patterns."""
    kept = _with_named_months(tokens)
    for position, token in enumerate(kept):
        if token.sort == "except" or (token.sort == "stop" and position and kept[position - 1].sort in _CLOSED):
            kept[position] = Token("word", token.text, token.start)
            if position and kept[position - 1].sort in _OPENING and kept[position + 1 :][:1]:
                _exclude_after(kept, position)
            else:
                _exclude_before(kept, position)
    return _with_joined_weekdays(kept)


def _with_named_months(tokens: list[Token]) -> list[Token]:
    """Read 4月に1回、10月に1回 as months throughout, since every ten months cannot be meant."""
    doubtful = [token for token in tokens if token.sort == "month_or_interval"]
    if all(set(token.numbers) <= USUAL_INTERVALS for token in doubtful):
        return list(tokens)
    usual = {token.start for token in doubtful if set(token.numbers) <= USUAL_INTERVALS}
    return [Token("months", token.text, token.start) if token.start in usual else token for token in tokens]


def _exclude_before(tokens: list[Token], position: int) -> None:
    """Walk back over the list that ends here; over a comma only from holidays and weekends."""
    holidays = False
    for index in range(position - 1, -1, -1):
        token = tokens[index]
        if token.sort in _CLOSED:
            if holidays and token.sort == "weekdays" and not set(weekdays_in(token)) <= _WEEKEND:
                return
            holidays = holidays or token.sort == "holiday"
            sort = f"excluded_{token.sort}" if token.sort in {"months", "weekdays"} else "excluded"
            tokens[index] = Token(sort, token.text, token.start)
        elif token.sort == "comma" and (holidays or tokens[index - 1].sort == "months"):
            continue
        elif token.sort not in _BETWEEN and token.text not in {"と", "や", "の"}:
            return


def _exclude_after(tokens: list[Token], position: int) -> None:
    """Leave out what follows the word: 毎月（除く8月）."""
    for index in range(position + 1, len(tokens)):
        token = tokens[index]
        if token.sort in {"months", "weekdays"}:
            tokens[index] = Token(f"excluded_{token.sort}", token.text, token.start)
        elif token.sort not in _BETWEEN:
            return


def _with_joined_weekdays(tokens: list[Token]) -> list[Token]:
    """Join 第3木曜日または第4木曜日 into one pattern where the weekday is the same."""
    joined: list[Token] = []
    for token in tokens:
        if token.sort == "nth_weekdays" and len(joined) > 1 and joined[-2].sort == "nth_weekdays":
            sign, first = joined[-1], joined[-2]
            tied = sign.sort in {"or", "dot", "comma", "join", "slash"} or sign.text in {"と", "か", "、または"}
            if tied and weekdays_in(first) == weekdays_in(token):
                joined[-2:] = [Token("nth_weekdays", first.text + sign.text + token.text, first.start)]
                continue
        joined.append(token)
    return joined
