"""Which form of an answer a caller wants (``Accept``), for every operation that has several. Source: RFC 9110."""

from functools import lru_cache

from starlette.requests import Request

from api.answers import RawHeaders
from api.guard.qualities import weighted

VARIES: RawHeaders = ((b"vary", b"Accept"),)
"""What an answer says whose form was chosen by ``Accept``, whichever it was."""


def accepted(request: Request, *offered: str) -> str:
    """Give the media type of those offered that the caller ranks highest.

    Of equals one that is named wins over one that a ``*`` stands for, then the one named first, then the one offered
    first. Who takes none of them gets the first: an answer in another form is more use than none.
    """
    header = b",".join([value for name, value in request.scope["headers"] if name == b"accept"])
    return offered[0] if header in _ANYTHING else _ranked(header[:1000].decode("latin-1"), offered)


_ANYTHING = (b"", b"*/*")


@lru_cache(maxsize=256)
def _ranked(header: str, offered: tuple[str, ...]) -> str:
    """Choose for one header.

    >>> _ranked("text/csv;q=0, application/json", ("application/json", "text/csv"))
    'application/json'
    >>> _ranked("application/json;q=0.5, text/*", ("application/json", "text/csv"))
    'text/csv'
    """
    asked: dict[str, tuple[float, int]] = {}
    for place, (name, weight) in enumerate(weighted(header)):
        asked.setdefault(name, (weight, -place))
    ranks = {}
    for place, name in enumerate(offered):
        for precision, pattern in enumerate((name, f"{name.partition('/')[0]}/*", "*/*")):
            if pattern in asked:
                weight, named = asked[pattern]
                ranks[name] = (weight, -precision, named, -place)
                break
    best = max(ranks, key=lambda name: ranks[name], default=offered[0])
    return best if best in ranks and ranks[best][0] > 0 else offered[0]
