"""Hold rules that no linter on the shelf knows, and a few that must not be silenced with a comment.

Each rule is a function from a file's path and syntax tree to the lines that break it; RULES names them all.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKED = ("api", "domain", "migrations")
LONGEST = 300
RAW_SQL_ALLOWED = re.compile(r"domain/(database|deployment|(drivers|statements)/\w+)\.py")
EXCEPTIONS_ALLOWED = {"api/problems.py", "api/guard/__init__.py"}
RAW_SQL_NAMES = {"text", "literal_column"}
RAW_CONNECTIONS = {"__table__", "exec_driver_sql", "raw_connection", "driver_connection"}
MIGRATION_IMPORTS = {"sqlalchemy", "alembic", *sys.stdlib_module_names}
BANNED_STEMS = {
    *("utils", "util", "helpers", "helper", "common", "crud", "base", "manager", "managers", "misc", "tools"),
    *("service", "services", "repository", "repositories", "models", "schemas", "types", "constants", "core"),
}
BANNED_VERBS = re.compile(r"_*(get|process|handle|manage|do)_")
NAMED_ELSEWHERE = {"get_expiry", "__get_pydantic_core_schema__"}  # methods that a library's interface names

Rule = Callable[[str, ast.Module, str], Iterator[tuple[int, str]]]


def names_in(node: ast.AST) -> Iterator[str]:
    """Give the last part of each name in an expression."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute):
            yield inner.attr
        elif isinstance(inner, ast.Name):
            yield inner.id


def raw_sql(path: str, tree: ast.Module, _source: str) -> Iterator[tuple[int, str]]:
    """Only the database modules write SQL text or reach past the session."""
    if RAW_SQL_ALLOWED.fullmatch(path) or path.startswith("migrations/"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in {"sqlalchemy", "sqlmodel"}:
            for name in sorted(RAW_SQL_NAMES & {alias.name for alias in node.names}):
                yield node.lineno, f"{name}() belongs in domain/database.py"
        elif isinstance(node, ast.Attribute) and node.attr in RAW_CONNECTIONS:
            yield node.lineno, f"{node.attr} belongs in domain/database.py"
        elif isinstance(node, ast.Attribute) and node.attr in RAW_SQL_NAMES and is_sqlalchemy(node.value):
            yield node.lineno, f"{node.attr}() belongs in domain/database.py"


def is_sqlalchemy(node: ast.expr) -> bool:
    """Tell whether an expression is the sqlalchemy package under one of its usual names."""
    return isinstance(node, ast.Name) and node.id in {"sqlalchemy", "sa", "sqlmodel"}


def drivers(path: str, tree: ast.Module, _source: str) -> Iterator[tuple[int, str]]:
    """Only the database modules talk to a driver."""
    if RAW_SQL_ALLOWED.fullmatch(path) or path.startswith("migrations/"):
        return
    for line, package in imported_packages(tree):
        if package in {"asyncpg", "psycopg", "sqlite3", "aiosqlite"}:
            yield line, f"{package} belongs in domain/database.py"


def imported_packages(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Give the line and top-level package of each import; a relative one is called '.'."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." if node.level else (node.module or "").split(".")[0]


def file_names(path: str, _tree: ast.Module, _source: str) -> Iterator[tuple[int, str]]:
    """A file is named by what it is about."""
    for part in Path(path).with_suffix("").parts:
        if part in BANNED_STEMS:
            yield 1, f"'{part}' says nothing: name the file by its noun"


def function_names(_path: str, tree: ast.Module, _source: str) -> Iterator[tuple[int, str]]:
    """A function is named by what it does or returns."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name in NAMED_ELSEWHERE:
            continue
        if BANNED_VERBS.match(node.name):
            yield node.lineno, f"{node.name}: a write is a real verb, a read is a noun"


def wide_exceptions(path: str, tree: ast.Module, _source: str) -> Iterator[tuple[int, str]]:
    """Only the outermost wall catches everything or speaks HTTPException."""
    if path in EXCEPTIONS_ALLOWED:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = set(names_in(node.type)) if node.type else {"everything"}
            if caught & {"Exception", "BaseException", "everything"} and not passes_on(node):
                yield node.lineno, "catches everything: name the errors"
        elif isinstance(node, ast.Name | ast.Attribute) and list(names_in(node))[:1] == ["HTTPException"]:
            yield node.lineno, "HTTPException: raise an error of domain/errors.py"


def passes_on(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler of BaseException ends by raising the same error again, as clean-up must."""
    last = handler.body[-1]
    re_raises = isinstance(last, ast.Raise) and last.exc is None
    return re_raises and handler.type is not None and "BaseException" in set(names_in(handler.type))


def imports_inside(_path: str, tree: ast.Module, _source: str) -> Iterator[tuple[int, str]]:
    """Imports stand at the top."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield node.lineno, "import inside a function"


def typing_blocks(_path: str, tree: ast.Module, _source: str) -> Iterator[tuple[int, str]]:
    """What is imported for types is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in set(names_in(node.test)):
            yield node.lineno, "TYPE_CHECKING block"


def length(path: str, _tree: ast.Module, source: str) -> Iterator[tuple[int, str]]:
    """A file that grows too long holds two nouns."""
    lines = source.count("\n")
    if lines >= LONGEST and not path.startswith("migrations/"):
        yield lines, f"{lines} lines: cut it by sub-noun below {LONGEST}"


def migration_imports(path: str, tree: ast.Module, _source: str) -> Iterator[tuple[int, str]]:
    """A migration must mean the same in ten years: it uses nothing that changes with our code."""
    if not path.startswith("migrations/versions/"):
        return
    for line, package in imported_packages(tree):
        if package not in MIGRATION_IMPORTS:
            yield line, f"a migration imports {package}: only sqlalchemy, alembic and the standard library"


def unfinished(_path: str, _tree: ast.Module, source: str) -> Iterator[tuple[int, str]]:
    """What is not done is not in the tree, and what is there needs no banner."""
    for number, line in enumerate(source.splitlines(), start=1):
        if re.search(r"#.*\b(TODO|FIXME|XXX|HACK)\b", line) or re.match(r"\s*#\s*[-=#*]{4,}", line):
            yield number, "unfinished work or a banner in a comment"


RULES: dict[str, Rule] = {
    "raw-sql": raw_sql,
    "drivers": drivers,
    "file-names": file_names,
    "function-names": function_names,
    "wide-exceptions": wide_exceptions,
    "imports-inside": imports_inside,
    "typing-blocks": typing_blocks,
    "length": length,
    "migration-imports": migration_imports,
    "unfinished": unfinished,
}


def broken_in(path: str, source: str) -> list[str]:
    """Check one file and give a line for each broken rule: path:line: rule: what."""
    tree = ast.parse(source, filename=path)
    return [f"{path}:{line}: {name}: {what}" for name, rule in RULES.items() for line, what in rule(path, tree, source)]


def broken_under(root: Path) -> list[str]:
    """Check every Python file of the application below ``root``."""
    files = sorted(file for folder in CHECKED for file in (root / folder).rglob("*.py"))
    return [line for file in files for line in broken_in(file.relative_to(root).as_posix(), file.read_text("utf-8"))]


def main() -> int:
    """Print what is broken; the exit status tells whether anything is."""
    broken = broken_under(ROOT)
    print("\n".join(broken), end="\n" if broken else "")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
