"""Whatever comes as a register file is read or refused in our words, never a crash."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import RuleError
from domain.places.office_register_file import COLUMNS, RegisterFile, file_of
from domain.places.office_register_groups import grouped

HEADING = [names[0] for names in COLUMNS.values()]
SERVICES = ("計画相談支援", "障害児相談支援")
KNOWN = ("", "-", *SERVICES, "1330100692", "１３３０１００６９２", "=1", "\ue000", "東京都試験市")
CELL = st.one_of(st.sampled_from(KNOWN), st.text(max_size=12))


def everywhere(_code: str, _area: str) -> bool:
    return True


def written(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADING)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def outcome_of(body: bytes) -> RegisterFile | RuleError:
    try:
        return file_of(body, everywhere)
    except RuleError as error:
        return error


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELL, min_size=len(HEADING), max_size=len(HEADING)), max_size=6), st.booleans())
def test_any_cells_are_read_or_refused(rows: list[list[str]], is_ours: bool) -> None:
    for row in rows if is_ours else ():
        row[HEADING.index("サービス種別")] = "計画相談支援"
    read = outcome_of(written(rows))
    if isinstance(read, RuleError):
        assert read.code in ("encoding_unknown", "line_broken")
        return
    for line in read.lines:
        number = line.values["office_number"]
        assert number is None or (len(number) == 10 and number.isdigit())
        assert line.faults or (number and line.values["name"])
    groups = grouped([line for line in read.lines if not line.faults])
    whole = [line for line in read.lines if not line.faults or line.faults[0].code == "duplicate_number"]
    assert sorted(line.number for group in groups for line in group.lines) == [line.number for line in whole]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.integers(min_value=0, max_value=300))
def test_any_bytes_are_read_or_refused(noise: bytes, place: int) -> None:
    whole = written([["13110", "法人", "計画相談支援", "甲", "こう", "1330100692", "東京都試験市", "1", "", "", ""]])
    for body in (noise, whole[:place] + noise + whole[place:], whole[:place] + noise):
        read = outcome_of(body)
        assert not isinstance(read, RuleError) or (read.detail_ja and read.detail_en)


def test_headings_are_found_in_any_width_and_by_their_other_names() -> None:
    rows = [["計画相談支援", "甲", "1330100692", "東京都試験市", "1-2-3"]]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([" サービス種類 ", "事業所名称", "事業所番号", "事業所住所（市区町村）", "事業所住所 (番地以降)"])
    writer.writerows(rows)
    [line] = file_of(out.getvalue().encode("cp932"), everywhere).lines
    assert (line.values["name"], line.values["address"], line.faults) == ("甲", "東京都試験市1-2-3", [])
