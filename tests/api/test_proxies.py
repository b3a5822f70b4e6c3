"""Whose word about a caller's address is taken: nobody's, but of the reverse proxies that are named."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
import yaml

from api.app import create_app
from api.serve import proxy_options
from domain.settings import Settings, UnsafeSettingsError

ROOT = Path(__file__).parents[2]


async def seen_from(proxies: str | None, connecting: str, *forwarded: str) -> tuple[str, str]:
    """Give the address and the scheme that the application sees behind uvicorn's own layers."""
    seen: list[tuple[str, str]] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        seen.append((scope["client"][0], scope["scheme"]))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    settings = Settings.model_validate({"trusted_proxies": proxies})
    config = uvicorn.Config(app, log_config=None, lifespan="off", **proxy_options(settings))
    config.load()
    transport = httpx.ASGITransport(app=config.loaded_app, client=(connecting, 50000))
    headers = [("X-Forwarded-For", value) for value in forwarded] + [("X-Forwarded-Proto", "https")]
    async with httpx.AsyncClient(transport=transport, base_url="http://kikan.test") as client:
        await client.get("/", headers=headers)
    return seen[0]


async def test_nobody_gives_itself_an_address_by_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    for connecting in ("127.0.0.1", "::1", "10.0.0.5"):
        assert await seen_from(None, connecting, "192.0.2.7") == (connecting, "http")
        assert await seen_from("", connecting, "192.0.2.7") == (connecting, "http")


async def test_a_named_proxy_is_believed_about_the_last_address_before_it() -> None:
    proxies = "10.0.0.5, 10.1.0.0/24"
    assert await seen_from(proxies, "10.0.0.5", "192.0.2.7") == ("192.0.2.7", "https")
    assert await seen_from(proxies, "10.0.0.5", "198.51.100.1, 192.0.2.7, 10.1.0.9") == ("192.0.2.7", "https")
    assert await seen_from(proxies, "127.0.0.1", "192.0.2.7") == ("127.0.0.1", "http")
    assert await seen_from(proxies, "10.0.0.6", "192.0.2.7") == ("10.0.0.6", "http")


@pytest.mark.parametrize("proxies", ["*", "0.0.0.0/0", "::/0", "proxy.example", "10.0.0.5;10.0.0.6", "10.0.0.5/8"])
def test_a_proxy_is_an_address_or_a_network(proxies: str) -> None:
    with pytest.raises(UnsafeSettingsError, match="KIKAN_TRUSTED_PROXIES"):
        create_app(Settings.model_validate({"trusted_proxies": proxies}))


def test_the_compose_file_trusts_the_gateway_of_its_own_network_only() -> None:
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))
    (network,) = compose["networks"]["outside"]["ipam"]["config"]
    assert compose["services"]["api"]["environment"]["KIKAN_TRUSTED_PROXIES"] == network["gateway"]
    assert all(port.startswith("127.0.0.1:") for port in compose["services"]["api"]["ports"])
