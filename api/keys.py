"""Where keys come from: the settings, or in development files under ``var`` made on the first start."""

import os
from contextlib import suppress
from pathlib import Path

from api.token_keys import SigningKeys
from api.tokens import TokenModule
from domain.accounts.secret_keys import SecretKeys
from domain.settings import Settings, UnsafeSettingsError

_CURRENT, _PREVIOUS = "signing_key.pem", "previous_signing_key.pem"
_SEALING = "secret_keys"


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


def secret_keys(settings: Settings) -> SecretKeys:
    """Give the keys that secrets of accounts are sealed with: configured ones, else the file under ``var``.

    Raises:
        UnsafeSettingsError: they cannot be read.
    """
    try:
        if settings.secret_keys is not None:
            return SecretKeys.from_text(settings.secret_keys.get_secret_value())
        return SecretKeys.from_text(_development_keys(settings.var / _SEALING))
    except ValueError as error:
        raise UnsafeSettingsError(f"KIKAN_SECRET_KEYS: {error}") from None


def _development_keys(path: Path) -> str:
    """Read the file, made first where it is missing. It appears whole: of several processes the first one's counts."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        _write_private(draft, SecretKeys.generate() + "\n")
        with suppress(OSError):
            os.link(draft, path)
        if path.exists():
            draft.unlink()
        else:
            draft.replace(path)
    return path.read_text()


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
