"""Sealing of what callers carry back and forth unread: cursors hold the last row's sort key, which may be a name.

AES-SIV, which needs no nonce: the same cursor is the same text in every worker, so that an unchanged page keeps its
ETag. The keys are made from the deployment's secret keys, for this purpose alone. The first seals, every one opens:
workers and restarts take one another's, and a cursor lives as long as its key is listed. Source: RFC 5297.
"""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV


class Seal:
    """Keys that seal text for one purpose; none is ever shown by ``repr``."""

    __slots__ = ("_keys",)

    def __init__(self, secrets: Iterable[bytes]) -> None:
        self._keys = [AESSIV(hmac.digest(secret, b"kikan cursors", "sha512")) for secret in secrets]

    @classmethod
    def of_this_process(cls) -> Self:
        """Make a seal that nobody else can open: for a process that gives no cursors away."""
        return cls((os.urandom(32),))

    def closed(self, content: bytes, bound_to: str) -> str:
        """Seal content for one use, as URL-safe text."""
        sealed = self._keys[0].encrypt(content, [bound_to.encode()])
        return urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")

    def opened(self, text: str, bound_to: str) -> bytes | None:
        """Open what was sealed for one use; None where no key is the right one or the text was tampered with."""
        try:
            sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return None
        for key in self._keys:
            try:
                return key.decrypt(sealed, [bound_to.encode()])
            except (InvalidTag, ValueError):
                continue
        return None
