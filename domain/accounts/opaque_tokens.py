"""Opaque tokens: 256 random bits that mean nothing by themselves, and the hash that is kept of them.

A hash with a salt or a cost would add nothing: there is no guessing 256 bits.
"""

import hmac
from collections.abc import Iterable
from hashlib import sha256
from secrets import token_urlsafe


def new_token() -> str:
    """Make a token of 256 bits, 43 characters that need no escaping in URLs, forms and headers."""
    return token_urlsafe(32)


def hash_of(token: str) -> str:
    """Give what is stored of a token: its SHA-256, in hex."""
    return sha256(token.encode()).hexdigest()


def is_among(token: str, hashes: Iterable[str]) -> bool:
    """Tell whether a token belongs to one of the hashes, in a time that depends on how many there are, not on which."""
    mine = hash_of(token)
    found = False
    for kept in hashes:
        found |= hmac.compare_digest(mine, kept)
    return found
