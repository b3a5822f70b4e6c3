"""The words of frequency texts: cuts a normalised text into tokens, each of one sort.

At every place the first sort that fits wins; what fits none is a ``word``. The time stays in proportion to the length.
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property

from domain.frequency.lexicon import CALENDAR, CLOCK_TIMES, COUNTS, YEARS
from domain.frequency.vocabulary import AMOUNTS, REMARKS, STATES

_SORTS = YEARS + CALENDAR + STATES + COUNTS + AMOUNTS + CLOCK_TIMES + REMARKS
_NAMES = tuple(sort.name for sort in _SORTS)
_NUMBER = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True)
class Token:
    """A piece of a normalised text, its sort, and where it stands."""

    sort: str
    text: str
    start: int

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Every number written in it, in order."""
        return tuple(int(digits) for digits in _NUMBER.findall(self.text))


@cache
def _any_sort() -> re.Pattern[str]:
    """Compile all sorts into one pattern, for the first text: a tenth of a second that most commands never need."""
    return re.compile("|".join(f"({sort.pattern})" for sort in _SORTS), re.DOTALL)


def tokens_of(text: str) -> list[Token]:
    """Cut a normalised text into tokens; neighbouring unknown characters form one ``word``.

    >>> [(token.sort, token.text) for token in tokens_of("偶数月第3または第4木曜日")]
    [('parity', '偶数月'), ('nth_weekdays', '第3または第4木曜日')]
    """
    tokens: list[Token] = []
    for found in _any_sort().finditer(text):
        sort = _NAMES[(found.lastindex or len(_NAMES)) - 1]
        if sort == "word" and tokens and tokens[-1].sort == "word":
            tokens[-1] = Token("word", tokens[-1].text + found[0], tokens[-1].start)
        else:
            tokens.append(Token(sort, found[0], found.start()))
    return tokens
