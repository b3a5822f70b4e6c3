"""The written pages name what exists: settings, terms, files, examples."""

import csv
import json
import re
from pathlib import Path

import pytest

from api.routes import AREAS
from domain.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "README.ja.md", *DOCS.glob("*.md")])
BESIDES_THE_DOMAIN = {
    *("sessions", "oauth", ".well-known", "me", "users", "invitations", "clients", "problems", "metrics"),
    *("people", "activity_counts", "viewpoint_sets", "frequencies", "changes"),
}
"""Areas of the machinery, and areas whose noun the glossary holds in another form."""


def told_settings(page: str) -> dict[str, str]:
    rows = re.findall(r"^\| `KIKAN_(\w+)` \| (.+?) \|", page, flags=re.MULTILINE)
    return {name.lower(): default.strip("`") for name, default in rows}


def settings_in_code() -> dict[str, str]:
    def told(default: object) -> str:
        if default is None:
            return "unset"
        return json.dumps(default) if isinstance(default, bool | tuple) else str(default)

    return {name: told(field.default) for name, field in Settings.model_fields.items()}


def test_the_table_of_settings_is_what_the_code_reads() -> None:
    assert told_settings((DOCS / "configuration.md").read_text(encoding="utf-8")) == settings_in_code()


def test_a_setting_left_out_of_the_table_would_be_told() -> None:
    page = (
        (DOCS / "configuration.md").read_text(encoding="utf-8").replace("`KIKAN_PORT` | `8000`", "`KIKAN_PORT` | `80`")
    )
    assert told_settings(page) != settings_in_code()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "README.ja.md"], ids=lambda page: page.name)
def test_the_readmes_name_only_settings_that_exist(page: Path) -> None:
    of_the_examples = {"URL", "CLIENT_ID", "CLIENT_SECRET"}
    named = set(re.findall(r"KIKAN_([A-Z_]+[A-Z])", page.read_text(encoding="utf-8"))) - of_the_examples
    assert {name.lower() for name in named} <= set(Settings.model_fields)


@pytest.mark.parametrize(("page", "script"), [("README.md", "monthly_counts"), ("docs/sync.md", "sync_activities")])
def test_an_example_shown_on_a_page_is_the_tested_one(page: str, script: str) -> None:
    source = (DOCS / "examples" / f"{script}.py").read_text(encoding="utf-8")
    assert f"```python\n{source}```" in (ROOT / page).read_text(encoding="utf-8")


def test_both_readmes_show_the_same_commands() -> None:
    english, japanese = (
        [
            re.sub(r"\s*#.*", "", block)
            for block in re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
        ]
        for name in ("README.md", "README.ja.md")
    )
    assert english == japanese


def identifiers() -> list[str]:
    with (DOCS / "glossary.csv").open(encoding="utf-8", newline="") as file:
        return [row["identifier"] for row in csv.DictReader(file)]


def singular(noun: str) -> str:
    return noun[:-3] + "y" if noun.endswith("ies") else noun.removesuffix("s")


def test_every_term_has_one_name() -> None:
    assert len(identifiers()) == len(set(identifiers()))


def test_the_areas_are_named_by_the_glossary() -> None:
    nouns = {str(tag) for router in AREAS for tag in router.tags}
    assert {singular(noun) for noun in nouns - BESIDES_THE_DOMAIN} <= set(identifiers())


def test_the_glossary_is_the_shared_one_where_that_is_at_hand() -> None:
    shared = ROOT.parent / "shared" / "data" / "glossary.csv"
    if shared.exists():
        assert (DOCS / "glossary.csv").read_bytes() == shared.read_bytes()
