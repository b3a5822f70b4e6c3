"""A predicate in several forms, one for each way of looking at the ledger; only the caller's own is ever sent.

A statement is narrowed once, with all of them inside, and compiled once to a text that holds them between marks. What a
database gets is cut from that text: the rules of a ward and of an office would otherwise be planned, and set up in
every execution, for a centre that they say nothing about. And who looks at one centre compares with one, not with a
list: only then does an index give the rows of a page in their order.
"""

import re
from typing import Any

from sqlalchemy import Boolean, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import elements
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from domain.access import View
from domain.statements.comparisons import Among, compile_among, compile_among_sqlite

# Characters that no SQL text of ours can hold.
_OPEN, _NEXT, _CLOSE = "\x01", "\x02", "\x03"
_MARKED = re.compile(f"{_OPEN}([^{_NEXT}]*){_NEXT}([^{_NEXT}]*){_NEXT}([^{_CLOSE}]*){_CLOSE}")
_GROUPS = {View.CENTRE: 1, View.WARD: 2, View.WARD_OF_ONE: 2, View.OFFICE: 3, View.OFFICE_OF_ONE: 3}
_ONE, _OR_MANY, _DONE = "\x04", "\x05", "\x06"
_CENTRES = re.compile(f"{_ONE}([^{_OR_MANY}]*){_OR_MANY}([^{_DONE}]*){_DONE}")


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


class AmongCentres(Among):
    """The centre is among the caller's, who may have just one: ``name`` is the list, and without its ``s`` the one."""

    inherit_cache = True
    _traverse_internals = [*Among._traverse_internals, ("one", InternalTraversal.dp_clauseelement)]

    def __init__(self, column: Any, name: str) -> None:
        super().__init__(column, name)
        self.one = bindparam(name.removesuffix("s"), type_=column.type, required=True)


@compiles(AmongCentres)
def _among_centres(element: AmongCentres, compiler: SQLCompiler, **kw: Any) -> str:
    one = f"{compiler.process(element.column, **kw)} = {compiler.process(element.one, **kw)}"
    many = compile_among_sqlite if compiler.dialect.name == "sqlite" else compile_among
    return f"{_ONE}{one}{_OR_MANY}{many(element, compiler, **kw)}{_DONE}"


def cut(text: str, view: View) -> str:
    r"""Give the text with the one form of each predicate that a view needs.

    >>> cut("a AND (\x01mine\x02ours\x02theirs\x03)", View.WARD)
    'a AND (ours)'
    >>> cut("\x04a = 1\x05a = ANY (1, 2)\x06", View.WARD_OF_ONE), cut("\x04a = 1\x05a = ANY (1, 2)\x06", View.WARD)
    ('a = 1', 'a = ANY (1, 2)')
    """
    group, centres = _GROUPS[view], 1 if view.is_of_one else 2
    seen = _MARKED.sub(lambda found: found.group(group), text)
    return _CENTRES.sub(lambda found: found.group(centres), seen)


__all__ = ["AmongCentres", "ByView", "cut"]
