"""Write the pages and tables that follow from code and data: python .ci/pages.py, or with --check compare them.

- docs/permissions.md from domain/access.py
- docs/glossary.md from docs/glossary.csv
- api/data/problem_codes.json from the refusals in the source
"""

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import problem_codes

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "docs" / "glossary.csv"
COLUMNS = ("identifier", "term_ja", "reading_kana", "term_en", "definition")
GLOSSARY_HEAD = """# Glossary

One term, one name. The identifier is the name in code, in the database and on the wire; where a name in code differs
from this list, the list wins. Made from `docs/glossary.csv` by `.ci/pages.py`; a test compares.

| identifier | 用語 | よみ | term | meaning |
|---|---|---|---|---|
"""


def glossary() -> str:
    """Write the glossary as Markdown."""
    with GLOSSARY.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = (
        "| " + " | ".join(row[column].replace("|", "\\|").replace("\n", " ") for column in COLUMNS) + " |"
        for row in rows
    )
    return GLOSSARY_HEAD + "\n".join(f"| `{line[2:].replace(' |', '` |', 1)}" for line in lines) + "\n"


def problem_table() -> str:
    """Write the problem codes as the application serves them."""
    found = problem_codes.table(problem_codes.codes_in(problem_codes.sources()))
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def permissions() -> str:
    """Write the table of roles and permissions."""
    sys.path.insert(0, str(ROOT))
    return str(__import__("domain.permission_table", fromlist=["page"]).page())


PAGES = {
    ROOT / "docs" / "permissions.md": permissions,
    ROOT / "docs" / "glossary.md": glossary,
    ROOT / "api" / "data" / "problem_codes.json": problem_table,
}


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or compare them."""
    differing = []
    for path, write in PAGES.items():
        text = write()
        if not path.exists() or path.read_text("utf-8") != text:
            differing.append(path.relative_to(ROOT))
            if "--check" not in arguments:
                path.write_text(text, "utf-8")
    for name in differing:
        print(f"{name} {'differs: run .ci/pages.py' if '--check' in arguments else 'written'}")
    return 1 if differing and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
