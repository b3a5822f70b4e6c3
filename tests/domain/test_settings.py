"""Settings: what must never serve is refused, every fault at once."""

from typing import Any

import pytest

from api.app import create_app
from domain.settings import Settings, UnsafeSettingsError

PRODUCTION: dict[str, Any] = {
    "env": "production",
    "database_url": "postgresql://kikan_api:x@db/kikan",
    "signing_key": "x",
    "secret_keys": "x",
    "metrics_token": "x",
    "public_url": "https://kikan.example",
}


def faults(**changed: Any) -> list[str]:
    given = {name: value for name, value in (PRODUCTION | changed).items() if value is not None}
    try:
        Settings.model_validate(given).refuse_unsafe()
    except UnsafeSettingsError as refused:
        return str(refused).split("; ")
    return []


def test_whole_settings_of_production_pass() -> None:
    assert faults(cors_origins=["https://kikan.example", "https://kikan.example:8443"]) == []


@pytest.mark.parametrize("name", ["database_url", "signing_key", "secret_keys", "metrics_token", "public_url"])
def test_production_does_not_start_without(name: str) -> None:
    assert f"KIKAN_{name.upper()} is not set" in faults(**{name: None})


def test_every_fault_is_told_at_once() -> None:
    found = faults(secret_keys=None, debug=True, cors_origins=["*", "http://a.example"])
    assert found == [
        "KIKAN_CORS_ORIGINS holds something other than exact origins",
        "KIKAN_SECRET_KEYS is not set",
        "KIKAN_DEBUG is on",
        "KIKAN_CORS_ORIGINS holds an origin without TLS",
    ]


INEXACT = ["*", "https://*.example", "https://a.example/", "https://a.example/x", "a.example", "null", "https://", ""]


@pytest.mark.parametrize("origin", INEXACT)
def test_an_origin_that_is_not_exact_stops_development_too(origin: str) -> None:
    settings = Settings.model_validate({"cors_origins": [origin]})
    with pytest.raises(UnsafeSettingsError, match="exact origins"):
        create_app(settings)


def test_development_starts_with_nothing_set_and_takes_origins_without_tls() -> None:
    Settings.model_validate({}).refuse_unsafe()
    Settings.model_validate({"cors_origins": ["http://127.0.0.1:5173", "http://localhost"]}).refuse_unsafe()
