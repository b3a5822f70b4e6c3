"""Carry pip's settings over to uv, which reads neither pip's files nor its variables."""

import configparser
import contextlib
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname


def pip_files() -> list[Path]:
    """List where pip keeps its settings, the weakest first; read here so that a Python without pip obeys them too."""
    one = os.environ.get("PIP_CONFIG_FILE")
    if one == os.devnull:
        return []
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - never raises
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    machine = os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep)
    files = [*(Path(folder) / "pip/pip.conf" for folder in machine), Path("/etc/pip.conf")]
    files += [home / ".pip/pip.conf", home / "Library/Application Support/pip/pip.conf", settings / "pip/pip.conf"]
    return [*files, Path(sys.prefix) / "pip.conf", *([Path(one)] if one else [])]


def pip_settings() -> dict[str, str]:
    """Read what pip would use: its files, then its variables, the later one winning."""
    parser = configparser.RawConfigParser()
    with contextlib.suppress(configparser.Error, UnicodeDecodeError):
        parser.read(pip_files())
    found: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            found |= {name.replace("_", "-"): " ".join(value.split()) for name, value in parser.items(section)}
    for name, value in os.environ.items():
        if name.startswith("PIP_") and value:
            found[name.removeprefix("PIP_").lower().replace("_", "-")] = value
    return found


def reachable(address: str) -> bool:
    """Tell whether a place is worth asking: a folder must exist, anything else is the network's to say."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path)).is_dir()
    return bool(parts.scheme) or Path(address).is_dir()


def has_home() -> bool:
    """Tell whether uv can keep its cache where it keeps it by itself."""
    return "XDG_CACHE_HOME" in os.environ or os.access(os.path.expanduser("~"), os.W_OK)  # noqa: PTH111 - never raises


def uv_flags() -> list[str]:
    """Say in uv's options what uv has no variable for."""
    return ["--no-index"] if pip_settings().get("no-index", "").lower() in {"1", "true", "yes", "on"} else []


def for_uv(var: Path) -> dict[str, str]:
    """Say pip's settings in uv's variables. What uv was told directly stays as it is."""
    pip = pip_settings()
    extra = [address for address in pip.get("extra-index-url", "").split() if reachable(address)]
    links = [address for address in pip.get("find-links", "").split() if reachable(address)]
    wanted = {
        "UV_DEFAULT_INDEX": "" if "UV_INDEX_URL" in os.environ else pip.get("index-url", ""),
        "UV_INDEX": " ".join(extra),
        "UV_FIND_LINKS": ",".join(links),
        "UV_INSECURE_HOST": pip.get("trusted-host", ""),
        "SSL_CERT_FILE": pip.get("cert", ""),
        "SSL_CLIENT_CERT": pip.get("client-cert", ""),
        "ALL_PROXY": pip.get("proxy", ""),
        "UV_HTTP_TIMEOUT": pip.get("default-timeout", pip.get("timeout", "")),
        # With every hash pinned, an index can only serve the right file or none: all may be asked, as pip does.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_CACHE_DIR": "" if has_home() else str(var / "uv"),
    }
    return {name: value for name, value in wanted.items() if value and not os.environ.get(name)}
