"""Signing keys (署名鍵) of the access tokens: reading, writing, rotating and publishing them.

Elliptic curve P-256 throughout, because the tokens are ES256. A key is called by its kid, the beginning of its
thumbprint, so that two workers reading the same PEM call it by the same name. No private part is ever shown by `repr`.
"""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

_KID_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The P-256 key that signs, and the public half of the one before it, whose tokens have not all run out."""

    current: ec.EllipticCurvePrivateKey = field(repr=False)
    previous: ec.EllipticCurvePublicKey | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for key in (self.current, self.previous):
            if key is not None and not isinstance(key.curve, ec.SECP256R1):
                raise ValueError("A signing key must lie on the curve P-256.")
        if self.previous is not None and _key_id(self.previous) == self.kid:
            raise ValueError("The previous signing key is the current one.")

    @classmethod
    def generate(cls) -> Self:
        """Make a fresh current key without a previous one."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_pem(cls, current: str, previous: str | None = None) -> Self:
        """Read ``current`` (an unencrypted private key) and ``previous`` (private or public, of which the public half
        is kept).

        Raises:
            ValueError: a text is not such a PEM, or the curve is not P-256; the text is never repeated.
        """
        return cls(_private_key_of(current), None if previous is None else _public_key_of(previous))

    def to_pem(self) -> tuple[str, str | None]:
        """The private PEM (PKCS 8) of the current key and the public PEM of the previous, as `from_pem` reads them."""
        current = self.current.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        if self.previous is None:
            return current.decode("ascii"), None
        previous = self.previous.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return current.decode("ascii"), previous.decode("ascii")

    def rotated(self) -> "SigningKeys":
        """A fresh current key, with today's current as the previous; today's previous is accepted no longer."""
        return SigningKeys(ec.generate_private_key(ec.SECP256R1()), self.current.public_key())

    @property
    def kid(self) -> str:
        """The id of the current key: the beginning of its thumbprint. Source: RFC 7638."""
        return _key_id(self.current.public_key())

    def public_keys(self) -> dict[str, ec.EllipticCurvePublicKey]:
        """Every key a token may be signed with, by id, the current one first."""
        keys = [self.current.public_key()]
        if self.previous is not None:
            keys.append(self.previous)
        return {_key_id(key): key for key in keys}

    def public_set(self) -> dict[str, list[dict[str, str]]]:
        """The JSON Web Key Set to publish, without any private part. Source: RFC 7517."""
        return {
            "keys": [
                {**_public_members(key), "use": "sig", "alg": "ES256", "kid": kid}
                for kid, key in self.public_keys().items()
            ]
        }


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _public_members(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    point = key.public_numbers()
    return {"crv": "P-256", "kty": "EC", "x": _encoded(point.x.to_bytes(32)), "y": _encoded(point.y.to_bytes(32))}


def _key_id(key: ec.EllipticCurvePublicKey) -> str:
    thumbprint = sha256(json.dumps(_public_members(key), separators=(",", ":")).encode("ascii")).digest()
    return _encoded(thumbprint)[:_KID_LENGTH]


def _private_key_of(pem: str) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.encode("utf-8"), password=None)
    except (ValueError, TypeError):
        raise ValueError("A signing key is not an unencrypted private key in PEM.") from None
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key
    raise ValueError("A signing key is not an elliptic curve key.")


def _public_key_of(pem: str) -> ec.EllipticCurvePublicKey:
    if "PRIVATE KEY" in pem:
        return _private_key_of(pem).public_key()
    try:
        key = serialization.load_pem_public_key(pem.encode("utf-8"))
    except ValueError:
        raise ValueError("The previous signing key is not a key in PEM.") from None
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key
    raise ValueError("The previous signing key is not an elliptic curve key.")
