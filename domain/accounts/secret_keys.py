"""Keys for secrets that must be read again (秘密の鍵): the secrets of authenticator apps are kept sealed with them.

The only file that knows how: AES-256-GCM, with a nonce of its own for each secret. The first key seals, every key
opens, so that a key is changed without asking anybody to enrol again. What is sealed is bound to its owner: moved to
another account it opens no more. A sealed text is ``<key id>.<nonce, ciphertext and tag in base64url>``.
"""

import os
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.sealing import Seal

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_ID_LENGTH: Final = 8
_PURPOSE: Final = "user_account.totp_secret:"


@dataclass(frozen=True, slots=True)
class SecretKeys:
    """Keys by id, the one that seals first, and what seals cursors with them. No key is ever shown by `repr`."""

    keys: dict[str, AESGCM] = field(repr=False)
    cursors: Seal = field(repr=False)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read keys of 32 bytes in base64 (either alphabet), by comma, the one that seals first.

        Raises:
            ValueError: a key is not of that form, or occurs twice; the text is never repeated.
        """
        keys: dict[str, AESGCM] = {}
        raws = [_key_in(part.strip()) for part in text.split(",")]
        for raw in raws:
            keys[_key_id(raw)] = AESGCM(raw)
        if len(keys) != len(raws):
            raise ValueError("A secret key occurs twice.")
        return cls(keys, Seal(raws))

    @staticmethod
    def generate() -> str:
        """Make a new key, as ``from_text`` reads it."""
        return b64encode(os.urandom(_KEY_BYTES)).decode("ascii")

    @property
    def sealing(self) -> str:
        """The id of the key that seals."""
        return next(iter(self.keys))

    def sealed(self, secret: str, owner: str) -> str:
        """Seal a secret of an owner with the first key."""
        nonce = os.urandom(_NONCE_BYTES)
        cipher = self.keys[self.sealing].encrypt(nonce, secret.encode(), _bound_to(owner))
        return f"{self.sealing}.{urlsafe_b64encode(nonce + cipher).decode('ascii')}"

    def opened(self, sealed: str, owner: str) -> str | None:
        """Open what was sealed for an owner; None where no key is the right one or the text was tampered with."""
        key_id, _, coded = sealed.partition(".")
        key = self.keys.get(key_id)
        if key is None:
            return None
        try:
            raw = urlsafe_b64decode(coded)
            return key.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(owner)).decode()
        except (InvalidTag, ValueError):
            return None

    def renewed(self, sealed: str, secret: str, owner: str) -> str:
        """Give a sealed text as it is where the first key sealed it, else the secret sealed anew."""
        return sealed if sealed.startswith(f"{self.sealing}.") else self.sealed(secret, owner)


def _bound_to(owner: str) -> bytes:
    return f"{_PURPOSE}{owner}".encode()


def _key_id(raw: bytes) -> str:
    return sha256(b"kikan secret key id:" + raw).hexdigest()[:_ID_LENGTH]


def _key_in(text: str) -> bytes:
    try:
        raw = b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise ValueError("A secret key is not 32 bytes in base64.")
    return raw
