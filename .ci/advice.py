"""Say what to do when an environment cannot be made: one cause, one remedy, in plain words."""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENOUGH_MEGABYTES = 600

OFFLINE = """Without a network: on a connected machine of the same kind, in a copy of this project, run
    pip download --require-hashes --no-deps --only-binary :all: -r deploy/requirements/runtime.txt -d wheels
(for `test` and `check` also test.txt and check.txt), carry the folder over and run
    PIP_NO_INDEX=1 PIP_FIND_LINKS="$PWD/wheels" python3 x.py demo"""

FULL = r"no space left on device|os error 28|errno 28|disk quota exceeded"
ALTERED = r"do not match the hashes|hash mismatch|hash of the package|hashes are required"
UNTRUSTED = r"certificate_verify_failed|unknownissuer|invalid peer certificate|self.signed certificate"
FORBIDDEN = r"permission denied|read-only file system|os error 13|errno 13"
UNREACHABLE = (
    r"name ?resolution|dns error|connection refused|failed to establish|network is unreachable|timed out|tunnel|"
    r"error sending request|proxyerror|could not connect|connection reset|max retries|newconnection"
    r"|failed to fetch"
)
ABSENT = (
    r"no matching distribution|could not find a version|was not found in|no solution found|only-binary|"
    r"no usable wheels|no wheels"
)
CAUSES: dict[str, tuple[str, str]] = {
    FULL: (
        "The disk is full.",
        """Free some space (about {enough} MB for everything; {free} MB are free here), or point TMPDIR and UV_CACHE_DIR
at a disk that has it, then run the same command again.""",
    ),
    ALTERED: (
        "A downloaded file is not the one that was locked.",
        """Nothing was installed from it. Ask whoever runs the package mirror why it serves another file; clear the
cache (uv cache clean, pip cache purge) and run the same command again.""",
    ),
    UNTRUSTED: (
        "The package index's certificate is not trusted.",
        "Point SSL_CERT_FILE and PIP_CERT at your organisation's certificate bundle and run the same command again.",
    ),
    FORBIDDEN: (
        "A folder may not be written.",
        "Use a checkout that belongs to you; administrator rights are never needed.",
    ),
    UNREACHABLE: (
        "The package index cannot be reached.",
        "Behind a proxy set HTTPS_PROXY. With a mirror set PIP_INDEX_URL (or index-url in pip.conf).\n{offline}",
    ),
    ABSENT: (
        "The package index has no wheel of a locked version for this machine.",
        """Kikan runs on Linux and macOS, x86-64 and arm64, Python 3.11 to 3.14. A mirror may lag behind: ask for the
version named above.
{offline}""",
    ),
}
FINAL = re.compile(f"{FULL}|{ALTERED}|{FORBIDDEN}", re.IGNORECASE)


def is_final(output: str) -> bool:
    """Tell whether another installer would fail for the same reason."""
    return bool(FINAL.search(output))


def is_unreachable(output: str) -> bool:
    """Tell whether the index did not answer, so that asking it again the same way is time lost."""
    return bool(re.search(UNREACHABLE, output, re.IGNORECASE))


def for_install(output: str) -> str:
    """Name the cause of a failed install and the way out."""
    enough, free = ENOUGH_MEGABYTES, shutil.disk_usage(ROOT).free // 1_000_000
    for pattern, (cause, remedy) in CAUSES.items():
        if re.search(pattern, output, re.IGNORECASE):
            return f"\nkikan: {cause}\n{remedy.format(enough=enough, free=free, offline=OFFLINE)}"
    return "\nkikan: the install failed; the installer's own words are above. Run the same command again to retry."


def for_venv(output: str) -> str:
    """Name the cause of a virtual environment that could not be made."""
    if is_final(output):
        return for_install(output)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        f"{output.strip()}\n\nkikan: this Python cannot make virtual environments.\n"
        f"Debian and Ubuntu: apt install python3-venv (or python{version}-venv). Elsewhere: install uv, which needs "
        "no such package."
    )


def without_installer() -> str:
    """Say what to do where there is neither uv nor any pip."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        "\nkikan: this Python has neither pip nor ensurepip, and there is no uv on PATH.\n"
        f"Debian and Ubuntu: apt install python3-venv (or python{version}-venv). Elsewhere: install uv."
    )
