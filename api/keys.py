"""Where signing keys come from: the settings, or in development files under ``var`` made on the first start."""

import os
from pathlib import Path

from api.token_keys import SigningKeys
from api.tokens import TokenModule
from domain.settings import Settings

_CURRENT, _PREVIOUS = "signing_key.pem", "previous_signing_key.pem"


def token_module(settings: Settings) -> TokenModule:
    """Build the token module of a deployment. Production has its keys in the settings or does not start."""
    return TokenModule(signing_keys(settings), issuer=settings.issuer, audience=settings.audience)


def signing_keys(settings: Settings) -> SigningKeys:
    """Give the signing keys: configured ones, else the development keys under ``var``, made where missing."""
    if settings.signing_key is not None:
        previous = settings.previous_signing_key
        return SigningKeys.from_pem(
            settings.signing_key.get_secret_value(), previous.get_secret_value() if previous else None
        )
    current = settings.var / _CURRENT
    if not current.exists():
        _save(SigningKeys.generate(), settings.var)
    previous_file = settings.var / _PREVIOUS
    return SigningKeys.from_pem(current.read_text(), previous_file.read_text() if previous_file.exists() else None)


def rotate(settings: Settings) -> SigningKeys:
    """Make a new current key of the development keys; the old one stays valid as previous. Restart to use it."""
    keys = signing_keys(settings).rotated()
    _save(keys, settings.var)
    return keys


def _save(keys: SigningKeys, var: Path) -> None:
    var.mkdir(parents=True, exist_ok=True)
    current, previous = keys.to_pem()
    _write_private(var / _CURRENT, current)
    if previous is not None:
        _write_private(var / _PREVIOUS, previous)


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
