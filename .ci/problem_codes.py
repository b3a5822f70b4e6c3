"""Collect every problem code that the code can answer with, and its sentences, by reading the source.

A refusal is always written as three texts next to each other: a code, a Japanese and an English sentence. They stand
in a call, a tuple, a table or the defaults of an error class; what a sentence puts in at run time is shown as ``…``.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("api", "domain")
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
STATUS_OF = {
    "NotFoundError": 404,
    "NotPermittedError": 403,
    "UnauthenticatedError": 401,
    "ConflictError": 409,
    "RuleError": 422,
    "rule_broken": 422,
    "StaleVersionError": 412,
    "PreconditionMissingError": 428,
    "TooManyRequestsError": 429,
    "UnavailableError": 503,
}
TABLES_OF_CONFLICTS = {"domain/refusals.py"}
WARNINGS = {"domain/places/free_text.py", "domain/places/office_numbers.py"}

Texts = dict[str, str]
Told = tuple[str, str, str]


@dataclass
class Described:
    """A code with everything that is said under it. Without a status it only names a field of another problem."""

    statuses: set[int] = field(default_factory=set)
    details: set[tuple[str, str]] = field(default_factory=set)


def text_of(node: ast.expr | None, known: Texts) -> str | None:
    """Give the text of a literal, of an f-string with its holes shown, or of a name that holds one of them."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else "…" for p in node.values)
        return "".join(str(part) for part in parts)
    if isinstance(node, ast.Name):
        return known.get(node.id)
    return None


def told_in(nodes: Sequence[ast.expr], known: Texts) -> Told | None:
    """Find a code, a Japanese and an English sentence among neighbours; numbers and requests may stand before."""
    texts = [text_of(node, known) for node in nodes]
    for code, ja, en in zip(texts, texts[1:], texts[2:], strict=False):
        if code and ja and en and CODE.fullmatch(code) and is_pair(ja, en):
            return code, ja, en
    return None


def is_pair(ja: str, en: str) -> bool:
    """Tell a Japanese sentence followed by its English one."""
    return bool(JAPANESE.search(ja)) and not JAPANESE.search(en) and " " in en


def names_of(function: ast.AST) -> Texts:
    """Collect the names that hold a text within one function or module."""
    known: Texts = {}
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs: list[tuple[ast.expr, ast.expr]] = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            for name, value in pairs:
                text = text_of(value, {})
                if isinstance(name, ast.Name) and text is not None:
                    known[name.id] = text
    return known


def called(node: ast.expr) -> str:
    """Give the last part of the name that is called."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def status_of(call: ast.Call, functions: dict[str, ast.AST], owner: str) -> int | None:
    """Tell with which status a call refuses: by its own name, the class it stands in, or what its helper raises."""
    name = called(call.func)
    if name == "__init__":
        return STATUS_OF.get(owner)
    if name in STATUS_OF:
        return STATUS_OF[name]
    if name == "answer":
        return next((a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, int)), None)
    if name in functions:
        inner = (called(n.func) for n in ast.walk(functions[name]) if isinstance(n, ast.Call))
        return next((STATUS_OF[i] for i in inner if i in STATUS_OF), None)
    return None


def in_class(node: ast.ClassDef) -> Iterator[Told]:
    """Give what the defaults of an error's constructor say."""
    for function in node.body:
        if isinstance(function, ast.FunctionDef) and function.name == "__init__":
            arguments = function.args
            defaults: list[tuple[ast.arg, ast.expr | None]] = [
                *zip(arguments.args[-len(arguments.defaults) :], arguments.defaults, strict=False),
                *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
            ]
            given = {argument.arg: text_of(default, {}) for argument, default in defaults}
            code, ja, en = (given.get(name) for name in ("code", "detail_ja", "detail_en"))
            if code and ja and en:
                yield code, ja, en


def in_assignments(function: ast.AST) -> Told | None:
    """Give what a function writes into an error it has made: .code, .detail_ja and .detail_en."""
    given: dict[str, str | None] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            given[node.targets[0].attr] = text_of(node.value, {})
    code, ja, en = (given.get(name) for name in ("code", "detail_ja", "detail_en"))
    return (code, ja, en) if code and ja and en else None


class Reader:
    """Reads one file into the codes found so far."""

    def __init__(self, path: str, tree: ast.Module, found: dict[str, Described]) -> None:
        self.path, self.found = path, found
        self.functions: dict[str, ast.AST] = {
            n.name: n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        self.module_names = names_of(ast.Module([n for n in tree.body if isinstance(n, ast.Assign)], []))

    def add(self, told: Told | None, status: int | None) -> None:
        """Keep what is told under a code."""
        if told is None:
            return
        described = self.found.setdefault(told[0], Described())
        described.details.add(told[1:])
        if status is not None:
            described.statuses.add(status)

    def read(self, node: ast.AST, known: Texts, owner: str) -> None:
        """Read a node and what is below it."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            known = {**known, **names_of(node)}
            self.add(in_assignments(node), 503)
        elif isinstance(node, ast.ClassDef):
            owner = node.name if node.name in STATUS_OF else next((called(b) for b in node.bases), "")
            for told in in_class(node):
                self.add(told, STATUS_OF.get(owner))
        elif isinstance(node, ast.Call):
            self.read_call(node, known, owner)
        elif isinstance(node, ast.Dict):
            self.read_table(node, known)
        elif isinstance(node, ast.Tuple):
            conflicts = 409 if self.path in TABLES_OF_CONFLICTS else None
            self.add(told_in(node.elts, known), conflicts)
        for child in ast.iter_child_nodes(node):
            self.read(child, known, owner)

    def read_call(self, call: ast.Call, known: Texts, owner: str) -> None:
        """Read the arguments of a call, the code among them or under its keyword."""
        status = status_of(call, self.functions, owner)
        self.add(told_in(call.args, known), status)
        named = {k.arg: text_of(k.value, known) for k in call.keywords}
        texts = [text_of(a, known) for a in call.args]
        code = named.get("code")
        if code and len(texts) >= 2 and texts[0] and texts[1] and is_pair(texts[0], texts[1]):
            self.add((code, texts[0], texts[1]), status)
        for argument in call.args:
            if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.Tuple):
                self.add(told_in(argument.value.elts, known), status)

    def read_table(self, table: ast.Dict, known: Texts) -> None:
        """Read a table from code to (status, ja, en) or to (ja, en), and from status to (code, ja, en)."""
        for key, value in zip(table.keys, table.values, strict=True):
            if not isinstance(value, ast.Tuple):
                continue
            numbers = [e.value for e in value.elts if isinstance(e, ast.Constant) and isinstance(e.value, int)]
            if isinstance(key, ast.Constant) and isinstance(key.value, int):
                self.add(told_in(value.elts, known), key.value)
            elif key is not None and (code := text_of(key, known)) and CODE.fullmatch(code):
                texts = [text_of(e, known) for e in value.elts if text_of(e, known)]
                if len(texts) == 2 and texts[0] and texts[1] and is_pair(texts[0], texts[1]):
                    self.add((code, texts[0], texts[1]), numbers[0] if numbers else None)


def codes_in(sources: dict[str, str]) -> dict[str, Described]:
    """Give every code in the sources of a program, by path."""
    found: dict[str, Described] = {}
    for path, source in sources.items():
        tree = ast.parse(source, filename=path)
        reader = Reader(path, tree, found)
        reader.read(tree, reader.module_names, "")
    return found


def sources() -> dict[str, str]:
    """Read the application."""
    files = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return {file.relative_to(ROOT).as_posix(): file.read_text("utf-8") for file in files}


def table(found: dict[str, Described]) -> dict[str, Any]:
    """Write the codes as the application serves them, in the order of their names."""
    return {
        code: {
            "statuses": sorted(described.statuses),
            "details": [{"ja": ja, "en": en} for ja, en in sorted(described.details)],
        }
        for code, described in sorted(found.items())
    }
