"""What a caller ranks (``Accept``, ``Accept-Language``): entries by comma, each with a weight. Source: RFC 9110."""

import re
from collections.abc import Iterator
from typing import Final

_LONGEST: Final = 1000
_QUALITY: Final = re.compile(r"q=([01](?:\.[0-9]{0,3})?)")


def weighted(header: str) -> Iterator[tuple[str, float]]:
    """Give the entries in small letters, without parameters, each with its weight: 1 where none can be read.

    >>> list(weighted("text/csv;q=0, application/json"))
    [('text/csv', 0.0), ('application/json', 1.0)]
    """
    for entry in header[:_LONGEST].lower().split(","):
        name, *parameters = entry.split(";")
        found = [q for p in parameters if (q := _QUALITY.fullmatch(p.strip())) is not None]
        yield name.strip(), min(1.0, float(found[-1].group(1))) if found else 1.0
