"""Pages that are made from code stay what the code says."""

from pathlib import Path

from domain.permission_table import page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_permission_page_is_what_the_code_permits() -> None:
    assert (DOCS / "permissions.md").read_text(encoding="utf-8") == page()


def test_the_permission_page_would_tell_a_change() -> None:
    planted = (DOCS / "permissions.md").read_text(encoding="utf-8").replace("| yes |", "|  |", 1)
    assert planted != page()
