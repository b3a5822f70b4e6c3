"""A predicate in three forms, one for each way of looking at the ledger; only the caller's own is ever sent.

A statement is narrowed once, with all three inside, and compiled once to a text that holds them between marks. What a
database gets is cut from that text: the rules of a ward and of an office would otherwise be planned, and set up in
every execution, for a centre that they say nothing about.
"""

import re
from typing import Any

from sqlalchemy import Boolean
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import elements
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from domain.access import View

# Characters that no SQL text of ours can hold.
_OPEN, _NEXT, _CLOSE = "\x01", "\x02", "\x03"
_MARKED = re.compile(f"{_OPEN}([^{_NEXT}]*){_NEXT}([^{_NEXT}]*){_NEXT}([^{_CLOSE}]*){_CLOSE}")
_GROUPS = {View.CENTRE: 1, View.WARD: 2, View.OFFICE: 3}


class ByView(elements.ColumnElement[bool]):
    """What a centre, a ward and an office sees of a table. They do not nest."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [
        ("centre", InternalTraversal.dp_clauseelement),
        ("ward", InternalTraversal.dp_clauseelement),
        ("office", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, *, centre: Any, ward: Any, office: Any) -> None:
        self.centre = centre.self_group()
        self.ward = ward.self_group()
        self.office = office.self_group()

    @property
    def _from_objects(self) -> Any:
        return self.centre._from_objects

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Stay as it is: every form stands in brackets."""
        return self


@compiles(ByView)
def _by_view(element: ByView, compiler: SQLCompiler, **kw: Any) -> str:
    forms = (compiler.process(form, **kw) for form in (element.centre, element.ward, element.office))
    return "(" + _OPEN + _NEXT.join(forms) + _CLOSE + ")"


def cut(text: str, view: View) -> str:
    r"""Give the text with the one form of each predicate that a view needs.

    >>> cut("a AND (\x01mine\x02ours\x02theirs\x03)", View.WARD)
    'a AND (ours)'
    """
    group = _GROUPS[view]
    return _MARKED.sub(lambda found: found.group(group), text)


__all__ = ["ByView", "cut"]
