"""The set-up holds what it promises: locked dependencies, rules that bite, a container that can do little."""

import ast
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import advice
import checks
import environment
import indexes
import lock
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as lint; lint()"
HOST = re.compile(r"\w+://|[a-z0-9-]+\.(?:org|com|net|io)\b", re.IGNORECASE)


def locked_packages() -> dict[str, dict[str, Any]]:
    return {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def pins_of(file: Path) -> dict[str, tuple[str, set[str]]]:
    """Read name → (version, hashes) of an exported lock; a line that is not of this form fails."""
    found: dict[str, tuple[str, set[str]]] = {}
    for entry in re.sub(r"\\\n\s+", "", file.read_text()).splitlines():
        pin = re.fullmatch(
            r"([a-z0-9-]+)(?:\[[a-z,-]+\])?==([^ ;]+)((?: ; [^;]+?)?)((?: ?--hash=sha256:[0-9a-f]{64})+)", entry
        )
        assert pin is not None, f"{file.name}: not a hash-pinned requirement: {entry[:100]}"
        found[pin[1]] = (pin[2], set(re.findall(r"sha256:[0-9a-f]{64}", pin[4])))
    return found


def closure(packages: dict[str, dict[str, Any]], roots: list[dict[str, Any]]) -> set[str]:
    """Follow the lock's dependencies, extras included, from some roots to everything they need."""
    todo = [(root["name"], extra) for root in roots for extra in (None, *root.get("extra", []))]
    seen: set[tuple[str, str | None]] = set()
    while todo:
        name, extra = todo.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        package = packages[name]
        needed = package.get("optional-dependencies", {}).get(extra, []) if extra else package.get("dependencies", [])
        todo += [(need["name"], e) for need in needed for e in (None, *need.get("extra", []))]
    return {name for name, _ in seen}


def roots_of(group: str) -> list[dict[str, Any]]:
    kikan = locked_packages()["kikan"]
    found: list[dict[str, Any]] = kikan["dependencies"] if group == "runtime" else kikan["dev-dependencies"][group]
    return found


class TestLocks:
    def test_every_locked_package_carries_the_hash_of_every_file(self) -> None:
        for name, package in locked_packages().items():
            files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
            assert name == "kikan" or files, f"{name} has no files"
            assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]) for file in files), name

    def test_every_locked_package_has_a_wheel_so_that_no_code_runs_while_installing(self) -> None:
        assert [name for name, p in locked_packages().items() if name != "kikan" and not p.get("wheels")] == []

    @pytest.mark.parametrize("file", ["uv.lock", *(f"deploy/requirements/{group}.txt" for group in lock.GROUPS)])
    def test_no_lock_names_a_host(self, file: str) -> None:
        assert HOST.findall((ROOT / file).read_text()) == []

    def test_the_npm_lock_carries_an_integrity_hash_for_every_package_and_no_address(self) -> None:
        npm = json.loads((ROOT / "openapi/package-lock.json").read_text())
        packages = {name: package for name, package in npm["packages"].items() if name}
        assert len(packages) > 100
        assert [
            name for name, package in packages.items() if not package.get("integrity", "").startswith("sha512-")
        ] == []
        assert "resolved" not in json.dumps(npm)
        assert HOST.findall(re.sub(r'"node_modules/[^"]*"', "", json.dumps(npm))) == []
        assert (
            npm["packages"][""]["dependencies"]
            == json.loads((ROOT / "openapi/package.json").read_text())["dependencies"]
        )

    def test_the_lock_was_made_from_this_pyproject(self) -> None:
        def plain(requirement: str) -> tuple[str, tuple[str, ...], str]:
            parsed = Requirement(requirement)
            return canonicalize_name(parsed.name), tuple(sorted(parsed.extras)), str(parsed.specifier)

        def locked(entry: dict[str, Any]) -> tuple[str, tuple[str, ...], str]:
            pin = Requirement(entry["name"] + entry.get("specifier", ""))
            return pin.name, tuple(sorted(entry.get("extras", []))), str(pin.specifier)

        metadata = locked_packages()["kikan"]["metadata"]
        project = pyproject()
        assert {locked(e) for e in metadata["requires-dist"]} == {plain(r) for r in project["project"]["dependencies"]}
        for group, requirements in project["dependency-groups"].items():
            assert {locked(e) for e in metadata["requires-dev"][group]} == {plain(r) for r in requirements}, group

    @pytest.mark.parametrize("group", lock.GROUPS)
    def test_what_is_installed_is_exactly_what_was_resolved(self, group: str) -> None:
        packages = locked_packages()
        pins = pins_of(ROOT / f"deploy/requirements/{group}.txt")
        assert set(pins) == closure(packages, roots_of(group))
        for name, (version, hashes) in pins.items():
            package = packages[name]
            files = [*package["wheels"], *([package["sdist"]] if "sdist" in package else [])]
            assert (version, hashes) == (package["version"], {file["hash"] for file in files}), name

    def test_taking_the_hosts_out_leaves_names_and_hashes(self) -> None:
        before = 'registry = "https://a.example/simple"\nsdist = { url = "https://b.example/x/y-1.tar.gz", hash = "0" }'
        after = 'registry = "index"\nsdist = { path = "y-1.tar.gz", hash = "0" }'
        assert lock.without_hosts(before) == after
        assert lock.without_hosts(after) == after


def wheel_in(folder: Path, version: str) -> str:
    """Write a real little wheel and return its hash."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"kikan_probe-{version}-py3-none-any.whl"
    info = f"kikan_probe-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("kikan_probe.py", f"version = {version!r}\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: kikan-probe\nVersion: {version}\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


class TestEnvironment:
    @pytest.fixture
    def probe(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> environment.Environment:
        """An environment in a folder with spaces that installs from a folder of wheels, without any network."""
        place = tmp_path / "a folder with spaces"
        place.mkdir()
        requirement = place / "probe.txt"
        requirement.write_text(f"kikan-probe==1.0 --hash=sha256:{wheel_in(tmp_path / 'wheels', '1.0')}\n")
        monkeypatch.setattr(environment, "VAR", place / "var")
        for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
        monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        return environment.Environment(place / ".venv", {"probe": requirement})

    def test_it_installs_what_is_locked_once_and_refuses_a_file_that_is_not_the_locked_one(
        self, probe: environment.Environment, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        python = probe.ensure("probe")
        ask = [python, "-c", "import kikan_probe as p; print(p.version)"]
        assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout == "1.0\n"
        capfd.readouterr()
        started = time.monotonic()
        assert probe.ensure("probe") == python
        assert time.monotonic() - started < 0.1
        assert capfd.readouterr() == ("", "")

        locked = f"kikan-probe==2.0 --hash=sha256:{wheel_in(tmp_path / 'wheels', '2.0')}\n"
        probe.sources["probe"].write_text(locked)
        with zipfile.ZipFile(tmp_path / "wheels/kikan_probe-2.0-py3-none-any.whl", "a") as wheel:
            wheel.writestr("planted.py", "")
        with pytest.raises(SystemExit, match="not the one that was locked"):
            probe.ensure("probe")
        assert probe.missing(["probe"]) == ["probe"]
        assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout == "1.0\n"

    def test_a_changed_lock_or_a_replaced_interpreter_is_noticed(self, tmp_path: Path) -> None:
        requirement = tmp_path / "probe.txt"
        requirement.write_text("one")
        made = environment.Environment(tmp_path / ".venv", {"probe": requirement})
        made.python.parent.mkdir(parents=True)
        made.python.symlink_to(sys.executable)
        stamp = {"python": environment.interpreter(made.python), "probe": environment.digest(requirement)}
        (made.folder / environment.STAMP).write_text(json.dumps(stamp))
        assert made.missing(["probe"]) == []
        requirement.write_text("two")
        assert made.missing(["probe"]) == ["probe"]
        requirement.write_text("one")
        made.python.unlink()
        made.python.symlink_to("/bin/sh")
        assert made.missing(["probe"]) == ["probe"]

    def test_two_at_once_take_turns(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(environment, "VAR", tmp_path)
        order: list[str] = []

        def second() -> None:
            with environment.one_at_a_time():
                order.append("second")

        with environment.one_at_a_time():
            other = threading.Thread(target=second)
            other.start()
            other.join(timeout=0.3)
            order.append("first")
        other.join(timeout=10)
        assert order == ["first", "second"]
        assert "waiting" in capfd.readouterr().err
        with (tmp_path / "install.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    @pytest.mark.parametrize(
        ("output", "remedy"),
        [
            ("OSError: [Errno 28] No space left on device", "Free some space"),
            ("error: failed to write: No space left on device (os error 28)", "Free some space"),
            ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "mirror"),
            ("Hash mismatch for `rich==15.0.0`", "mirror"),
            ("SSL: CERTIFICATE_VERIFY_FAILED", "SSL_CERT_FILE"),
            ("invalid peer certificate: UnknownIssuer", "SSL_CERT_FILE"),
            ("Temporary failure in name resolution", "PIP_FIND_LINKS"),
            ("error sending request for url", "HTTPS_PROXY"),
            ("ERROR: No matching distribution found for rich==15.0.0", "mirror may lag"),
            ("PermissionError: [Errno 13] Permission denied", "belongs to you"),
            ("something new", "again to retry"),
        ],
    )
    def test_a_failed_install_says_what_to_do(self, output: str, remedy: str) -> None:
        assert remedy in advice.for_install(output)

    def test_a_python_without_ensurepip_is_told_the_package_to_install(self) -> None:
        assert "apt install python3-venv" in advice.for_venv("ensurepip is not available")

    def test_settings_of_pip_reach_uv_and_its_own_win(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in list(os.environ):
            if name.startswith(("PIP_", "UV_")):
                monkeypatch.delenv(name)
        (tmp_path / "pip.conf").write_text(
            "[global]\nindex-url = http://127.0.0.1:9/simple\ntrusted-host = 127.0.0.1\n"
            f"[install]\nextra-index-url =\n    file://{tmp_path}\n    file:///nowhere/at/all\n"
        )
        monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
        told = indexes.for_uv(tmp_path)
        assert told["UV_DEFAULT_INDEX"] == "http://127.0.0.1:9/simple"
        assert told["UV_INDEX"] == f"file://{tmp_path}"
        assert told["UV_INSECURE_HOST"] == "127.0.0.1"
        assert indexes.uv_flags() == []
        monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:10/simple")
        monkeypatch.setenv("PIP_NO_INDEX", "on")
        assert indexes.for_uv(tmp_path)["UV_DEFAULT_INDEX"] == "http://127.0.0.1:10/simple"
        assert indexes.uv_flags() == ["--no-index"]
        monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:11/simple")
        assert "UV_DEFAULT_INDEX" not in indexes.for_uv(tmp_path)

    def test_nothing_in_the_callers_environment_can_switch_the_hashes_off(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("UV_NO_VERIFY_HASHES", "1")
        monkeypatch.setenv("PIP_TARGET", "/elsewhere")
        assert {"UV_NO_VERIFY_HASHES", "PIP_TARGET"} & set(environment.plain_environment()) == set()


class TestLauncher:
    @pytest.fixture
    def launcher(self) -> ModuleType:
        spec = importlib.util.spec_from_file_location("x", ROOT / "x.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def test_an_old_python_can_read_it_and_is_told_what_it_needs(
        self, launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ast.parse((ROOT / "x.py").read_text(), feature_version=(3, 4))
        monkeypatch.setattr(launcher, "newer_python", lambda: None)
        monkeypatch.setattr(launcher.sys, "version_info", (3, 9, 2, "final", 0))
        assert launcher.main() == 2
        assert "needs Python 3.11 to 3.14" in capsys.readouterr().err

    def test_it_and_pyproject_agree_on_the_pythons(self, launcher: ModuleType) -> None:
        wanted = f">={'.'.join(map(str, launcher.OLDEST))},<3.{launcher.NEWEST[1] + 1}"
        assert pyproject()["project"]["requires-python"] == wanted

    def test_it_works_from_any_folder_and_refuses_what_it_does_not_know(self, tmp_path: Path) -> None:
        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, ROOT / "x.py", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
            )

        assert run("help").returncode == 0
        assert "demo" in run("help").stdout
        assert run().returncode == 2
        assert run("deploy-to-the-moon").returncode == 2


PLANTED_IMPORTS = {
    "api may use domain, domain never uses api": ("domain/clock.py", "import api.problems\n"),
    "domain knows no HTTP": ("domain/clock.py", "import httpx\n"),
    "only the token modules import jose": ("api/problems.py", "import jose\n"),
    "icalendar only behind the module imported on first use": ("api/exports.py", "import icalendar\n"),
    "inside domain, imports run downward only": ("domain/errors.py", "import domain.access\n"),
    "route files do not import one another": ("api/activities/office_visits.py", "import api.places.offices\n"),
    "route files of one folder do not import one another": (
        "api/activities/office_visits.py",
        "import api.activities.training_events\n",
    ),
}


class TestImportRules:
    @pytest.fixture
    def copy(self, tmp_path: Path) -> Path:
        for folder in ("api", "domain"):
            shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", tmp_path)
        return tmp_path

    def broken_in(self, copy: Path) -> set[str]:
        """Run lint-imports and return the names of the broken contracts; any other failure fails the test."""
        finished = subprocess.run(
            [sys.executable, "-c", LINT_IMPORTS, "--no-cache"], cwd=copy, capture_output=True, text=True, check=False
        )
        verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)$", finished.stdout, re.MULTILINE))
        assert set(verdicts) == set(PLANTED_IMPORTS), finished.stdout + finished.stderr
        return {name for name, verdict in verdicts.items() if verdict == "BROKEN"}

    def test_every_contract_is_seen_to_break_here(self) -> None:
        assert {c["name"] for c in pyproject()["tool"]["importlinter"]["contracts"]} == set(PLANTED_IMPORTS)

    def test_each_planted_import_breaks_its_contract(self, copy: Path) -> None:
        for path, line in PLANTED_IMPORTS.values():
            file = copy / path
            file.write_text(file.read_text() + line)
        assert self.broken_in(copy) == set(PLANTED_IMPORTS)

    def test_a_module_that_no_layer_names_is_refused(self, copy: Path) -> None:
        (copy / "domain/parking.py").touch()
        (copy / "api/parking.py").touch()
        exhaustive = {c["name"] for c in pyproject()["tool"]["importlinter"]["contracts"] if c.get("exhaustive")}
        assert len(exhaustive) == 2
        assert self.broken_in(copy) == exhaustive

    def test_the_tree_as_it_is_keeps_every_contract(self, copy: Path) -> None:
        assert self.broken_in(copy) == set()


PLANTED_LINES = {
    "raw-sql": [
        ("domain/parking.py", "from sqlalchemy import text\n"),
        ("domain/parking.py", "import sqlalchemy as sa\nquery = sa.text('select 1')\n"),
        ("api/parking.py", "table = Parking.__table__\n"),
        ("domain/parking.py", "connection.exec_driver_sql('select 1')\n"),
    ],
    "drivers": [("domain/parking.py", "import asyncpg\n"), ("api/parking.py", "from sqlite3 import connect\n")],
    "file-names": [("domain/utils.py", ""), ("api/services/parking.py", ""), ("domain/models.py", "")],
    "function-names": [
        ("domain/parking.py", "def get_parking() -> None: ...\n"),
        ("api/x.py", "async def _handle_it(): ...\n"),
    ],
    "wide-exceptions": [
        ("domain/parking.py", "try:\n    park()\nexcept Exception:\n    pass\n"),
        ("domain/parking.py", "try:\n    park()\nexcept (ValueError, BaseException):\n    pass\n"),
        ("domain/parking.py", "try:\n    park()\nexcept:\n    pass\n"),
        ("api/parking.py", "raise HTTPException(404)\n"),
        ("api/parking.py", "raise fastapi.HTTPException(404)  # noqa\n"),
    ],
    "imports-inside": [("domain/parking.py", "def park() -> None:\n    if full:\n        import json  # noqa\n")],
    "typing-blocks": [
        ("domain/parking.py", "if TYPE_CHECKING:\n    import json\n"),
        ("domain/parking.py", "if typing.TYPE_CHECKING:\n    import json\n"),
    ],
    "length": [("domain/parking.py", "x = 1\n" * 300)],
    "migration-imports": [
        ("migrations/versions/0002_parking.py", "from domain.access import Role\n"),
        ("migrations/versions/0002_parking.py", "from . import env\n"),
        ("migrations/versions/0002_parking.py", "import sqlmodel\n"),
    ],
    "unfinished": [
        ("domain/parking.py", "x = 1  # " + "TODO later\n"),
        ("api/parking.py", "# ------ parking ------\n"),
    ],
}

HONEST = {
    "domain/parking.py": (
        "from sqlalchemy import select\n\n\ndef spaces_in(text: str) -> int:\n"
        "    try:\n        return int(text)\n    except ValueError:\n        return 0\n"
        "    except BaseException:\n        raise\n"
    ),
    "domain/database.py": "from sqlalchemy import text\n\nstatement = text('select 1')\n",
    "domain/drivers/postgres_pool.py": "import asyncpg\n",
    "api/problems.py": "try:\n    park()\nexcept Exception:\n    log()\n",
    "migrations/versions/0002_parking.py": "import sqlalchemy as sa\nfrom alembic import op\n\nop.f(sa.text('1'))\n",
    "migrations/env.py": "from domain.settings import Settings\n",
    "domain/long.py": "x = 1\n" * 299,
}


class TestOwnChecks:
    def test_every_rule_is_seen_to_break_here(self) -> None:
        assert set(PLANTED_LINES) == set(checks.RULES)

    @pytest.mark.parametrize(
        ("rule", "path", "source"), [(rule, *plant) for rule, plants in PLANTED_LINES.items() for plant in plants]
    )
    def test_a_planted_line_breaks_its_rule(self, rule: str, path: str, source: str) -> None:
        assert f": {rule}: " in "\n".join(checks.broken_in(path, source))

    @pytest.mark.parametrize("path", HONEST)
    def test_an_honest_file_breaks_none(self, path: str) -> None:
        assert checks.broken_in(path, HONEST[path]) == []

    def test_planted_files_are_found_in_a_tree(self, tmp_path: Path) -> None:
        for path in ("api/deep/down/parking.py", "domain/parking.py", "migrations/versions/0002_parking.py"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text("import domain.x\nif TYPE_CHECKING: pass\n")
        assert len([line for line in checks.broken_under(tmp_path) if "typing-blocks" in line]) == 3


class TestDeployment:
    def steps(self) -> list[str]:
        joined = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
        return [line for line in joined.splitlines() if line and not line.startswith("#")]

    def test_the_image_runs_as_nobody_in_particular_and_looks_after_itself(self) -> None:
        steps = self.steps()
        final = steps[max(i for i, step in enumerate(steps) if step.startswith("FROM ")) :]
        assert "USER 10001:10001" in final
        assert 'ENTRYPOINT ["kikan"]' in final
        assert any(step.startswith("HEALTHCHECK ") and "/livez" in step for step in final)
        assert not any(step.startswith(("ADD ", "SHELL ")) for step in steps)
        assert all(step.startswith("RUN [") for step in steps if step.startswith("RUN"))

    def test_the_image_installs_by_hash_and_drops_the_unused_signature_libraries(self) -> None:
        installs = [step for step in self.steps() if '"install"' in step and "--requirement" in step]
        assert len(installs) == 2
        assert all("--require-hashes" in step for step in installs)
        assert any(
            all(f'"{name}"' in step for name in ("uninstall", "ecdsa", "rsa", "pyasn1")) for step in self.steps()
        )

    def test_the_health_check_is_python_that_compiles(self) -> None:
        check = next(step for step in self.steps() if step.startswith("HEALTHCHECK "))
        command = json.loads(check[check.index("[") :])
        assert command[:2] == ["python", "-c"]
        compile(command[2], "HEALTHCHECK", "exec")

    def test_every_service_can_do_little(self) -> None:
        compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
        assert set(compose["services"]) == {"database", "migrate", "api"}
        for name, service in compose["services"].items():
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            assert "no-new-privileges:true" in service["security_opt"], name
            assert not service.get("privileged", False), name

    def test_no_secret_has_a_default_and_the_service_never_sees_the_owner(self) -> None:
        text = (ROOT / "deploy/compose.yaml").read_text()
        secrets = re.findall(r"\$\{(\w+)(:?[-?])?", text)
        assert {name for name, _ in secrets} > {"KIKAN_OWNER_PASSWORD", "KIKAN_API_PASSWORD", "KIKAN_SIGNING_KEY"}
        assert [name for name, rule in secrets if rule != ":?" and name != "KIKAN_WORKERS"] == []
        api = yaml.safe_load(text)["services"]["api"]["environment"]
        assert not any("OWNER" in f"{name}{value}" or "MAINTENANCE" in f"{name}{value}" for name, value in api.items())

    def test_ci_runs_the_checks_and_the_whole_suite(self) -> None:
        lines = (ROOT / ".ci/run").read_text().splitlines()
        assert "set -euo pipefail" in lines
        assert [line for line in lines if line.startswith("python3")] == ["python3 x.py check", "python3 x.py test"]
