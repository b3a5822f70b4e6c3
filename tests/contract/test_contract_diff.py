"""The contract is compared with the one released last; the comparison itself runs in `x.py check`, on plants each time."""

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import commands
import contract_diff
import contract_lint
import pytest
from contract_diff import BREAK, WARNING, ComparisonError, Finding
from contract_plants import BREAKS, HARMLESS, TOLD, Plant, planted

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "openapi" / "openapi.json"
Program = Callable[..., str]


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(CONTRACT.read_text("utf-8"))
    return read


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Make a program that answers like oasdiff; each call gets the next answer, the last one stays."""

    def made(*answers: list[dict[str, Any]], status: int = 0) -> str:
        folder = tmp_path / f"answers-{len(list(tmp_path.glob('answers-*')))}"
        folder.mkdir()
        for number, answer in enumerate(answers):
            (folder / f"{number}.json").write_text(json.dumps(answer))
        file = folder / "oasdiff"
        code = (
            "import pathlib, sys\n"
            f"folder = pathlib.Path({str(folder)!r})\n"
            "assert sys.argv[1] == 'breaking', sys.argv\n"
            "left = sorted(folder.glob('*.json'))\n"
            "print(left[0].read_text())\n"
            "len(left) > 1 and left[0].unlink()\n"
            f"sys.exit({status})\n"
        )
        (folder / "answer.py").write_text(code)
        script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(folder / "answer.py"))} "$@"\n'
        file.write_text(script)
        file.chmod(0o755)
        return str(file)

    return made


def told(plant: Plant, level: int = BREAK) -> dict[str, Any]:
    """Write what oasdiff says of a plant."""
    method, path = plant.operation.split(" ")
    return {"id": plant.rule, "level": level, "operation": method, "path": path, "text": f"something of {plant.word}"}


SEEN = [told(plant) for plant in BREAKS]
QUIET = [told(plant, WARNING) for plant in TOLD]


class TestPlants:
    def test_each_changes_the_contract_as_it_is(self, contract: dict[str, Any]) -> None:
        idle = [plant.what for plant in (*BREAKS, *TOLD, *HARMLESS) if planted(contract, (plant,)) == contract]
        assert idle == []

    def test_together_they_leave_the_contract_itself_alone(self, contract: dict[str, Any]) -> None:
        assert planted(contract, (*HARMLESS, *TOLD)) != planted(contract, BREAKS)
        assert contract == json.loads(CONTRACT.read_text("utf-8"))

    def test_one_without_a_place_is_told(self, contract: dict[str, Any]) -> None:
        gone = planted(contract, BREAKS[:1])
        with pytest.raises(ValueError, match="an operation is gone"):
            planted(gone, BREAKS)

    def test_every_break_is_told_at_a_place_of_its_own(self) -> None:
        assert len({(plant.rule, plant.operation, plant.word) for plant in BREAKS}) == len(BREAKS)
        assert all(plant.rule and plant.operation for plant in (*BREAKS, *TOLD))


def found(plants: tuple[Plant, ...], level: int) -> list[Finding]:
    return [Finding(level, plant.rule, plant.operation, f"something of {plant.word}") for plant in plants]


class TestEyes:
    def test_a_program_that_sees_what_was_planted_is_trusted(self, program: Program) -> None:
        assert contract_diff.blindness(program(SEEN, QUIET), CONTRACT) == []

    def test_one_that_sees_nothing_is_not(self, program: Program) -> None:
        wrong = contract_diff.blindness(program([]), CONTRACT)
        assert len(wrong) == len(BREAKS) + len(TOLD)

    @pytest.mark.parametrize("missed", BREAKS, ids=lambda plant: plant.what)
    def test_one_that_misses_a_single_break_is_not(self, missed: Plant) -> None:
        others = tuple(plant for plant in BREAKS if plant is not missed)
        wrong = contract_diff.unseen(found(others, BREAK), found(TOLD, WARNING))
        assert wrong == [f"not seen: {missed.what}"]

    def test_one_that_only_warns_of_breaks_is_not(self) -> None:
        assert len(contract_diff.unseen(found(BREAKS, WARNING), found(TOLD, WARNING))) == len(BREAKS)

    def test_one_that_takes_a_harmless_change_for_a_break_is_not(self) -> None:
        wrong = contract_diff.unseen(found(BREAKS, BREAK), [*found(TOLD, WARNING), *found(BREAKS[:1], BREAK)])
        assert [line.split(":")[0] for line in wrong] == ["taken for a break"]

    def test_one_that_fails_is_told_with_its_words(self, program: Program) -> None:
        with pytest.raises(ComparisonError, match="could not compare"):
            contract_diff.blindness(program([], status=102), CONTRACT)


class TestComparison:
    def test_before_the_first_release_it_says_so_and_still_looks_for_the_plants(
        self, program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert contract_diff.compare(program(SEEN, QUIET), CONTRACT, tmp_path / "released")
        assert "No contract has been released" in capsys.readouterr().out
        assert not contract_diff.compare(program([]), CONTRACT, tmp_path / "released")
        assert "not seen: an operation is gone" in capsys.readouterr().out

    def test_a_break_fails_and_is_named(
        self, program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "1.0.0.json").write_bytes(CONTRACT.read_bytes())
        assert not contract_diff.compare(program(SEEN[:1], SEEN, QUIET), CONTRACT, tmp_path)
        assert f"BREAK {BREAKS[0].operation}: " in capsys.readouterr().out

    def test_a_difference_that_callers_must_bear_is_told_and_passes(
        self, program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "1.0.0.json").write_bytes(CONTRACT.read_bytes())
        assert contract_diff.compare(program(QUIET, SEEN, QUIET), CONTRACT, tmp_path)
        assert "new to callers: " in capsys.readouterr().out

    def test_a_blind_program_passes_nothing(self, program: Program, tmp_path: Path) -> None:
        (tmp_path / "1.0.0.json").write_bytes(CONTRACT.read_bytes())
        assert not contract_diff.compare(program([]), CONTRACT, tmp_path)

    def test_the_last_release_is_the_highest_number_and_not_the_last_in_the_alphabet(self, tmp_path: Path) -> None:
        assert contract_diff.last_released(tmp_path) is None
        for version in ("0.9.0", "0.10.0", "0.2.11"):
            (tmp_path / f"{version}.json").write_text("{}")
        assert contract_diff.last_released(tmp_path) == tmp_path / "0.10.0.json"
        (tmp_path / "draft.json").write_text("{}")
        with pytest.raises(ComparisonError, match="draft"):
            contract_diff.last_released(tmp_path)

    def test_what_was_accepted_passes_and_an_acceptance_without_use_fails(self, tmp_path: Path) -> None:
        broken = Finding(BREAK, "request-property-pattern-changed", "POST /v1/people", "changed a pattern")
        assert contract_diff.accepted(tmp_path) == set()
        (tmp_path / contract_diff.ACCEPTED).write_text(f"# the pattern takes more than before\n\n{broken}\n")
        passed = contract_diff.accepted(tmp_path)
        assert passed == {str(broken)}
        assert contract_diff.judged([broken], set())[0] == [f"BREAK {broken}"]
        assert contract_diff.judged([broken], passed) == ([], [])
        assert contract_diff.judged([], passed)[0] == [f"no longer needed in accepted.txt: {broken}"]


class TestRelease:
    def test_a_release_keeps_the_contract_byte_for_byte(self, program: Program, tmp_path: Path) -> None:
        version = json.loads(CONTRACT.read_text("utf-8"))["info"]["version"]
        kept = contract_diff.release(version, program(SEEN, QUIET), CONTRACT, tmp_path / "released")
        assert kept == tmp_path / "released" / f"{version}.json"
        assert kept.read_bytes() == CONTRACT.read_bytes()

    def test_a_release_is_never_changed_and_the_next_is_above_it(
        self, program: Program, tmp_path: Path, contract: dict[str, Any]
    ) -> None:
        (tmp_path / "2.0.0.json").write_bytes(CONTRACT.read_bytes())
        next_contract = tmp_path / "openapi" / "openapi.json"
        next_contract.parent.mkdir()
        for version in ("2.0.0", "1.9.9"):
            said = {**contract, "info": {**contract["info"], "version": version}}
            next_contract.write_text(json.dumps(said))
            with pytest.raises(ComparisonError, match="never changed"):
                contract_diff.release(version, program(SEEN, QUIET), next_contract, tmp_path)

    @pytest.mark.parametrize("version", ["9.9.9", "1.0", "v1.0.0", "../x"])
    def test_only_the_version_that_the_contract_says_is_released(
        self, program: Program, tmp_path: Path, version: str
    ) -> None:
        with pytest.raises(ComparisonError):
            contract_diff.release(version, program(SEEN, QUIET), CONTRACT, tmp_path)
        assert list(tmp_path.glob("*.json")) == []

    def test_what_breaks_the_last_release_is_not_released(self, program: Program, tmp_path: Path) -> None:
        (tmp_path / "0.0.1.json").write_bytes(CONTRACT.read_bytes())
        version = json.loads(CONTRACT.read_text("utf-8"))["info"]["version"]
        with pytest.raises(ComparisonError, match="nothing was released"):
            contract_diff.release(version, program(SEEN[:1], SEEN, QUIET), CONTRACT, tmp_path)
        assert [file.name for file in tmp_path.glob("*.json")] == ["0.0.1.json"]

    @pytest.mark.parametrize("arguments", [["--release"], ["--release", "1.0.0", "--check"], ["now", "--release"]])
    def test_the_command_takes_one_version(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert commands.openapi(arguments) == 2
        assert "takes one version" in capsys.readouterr().err


def test_the_check_compares_on_every_run() -> None:
    node = contract_lint.Node("node", "npm")
    steps = commands.check_steps(Path(sys.executable), node)
    assert steps["contract against the last release"][1] == ".ci/contract_diff.py"
