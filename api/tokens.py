"""Access tokens (アクセストークン): JWT signed with ES256, and the only module that imports jose.

The library is used for two things only, making and checking one signature, and never decides what is acceptable.
Of one set of claims signed once exactly one text is accepted: the header segment is one of at most two texts known in
advance, base64url is canonical, and of the two signatures (r, s) and (r, n - s) that ECDSA holds for equal only the
one with the lower s is taken. Whoever keeps a list of seen or refused tokens by their text can rely on that.
Every refusal is the same `TokenError`, so that an answer cannot tell an attacker which rule it met.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, NoReturn, TypedDict, Unpack

from jose import jws  # type: ignore[import-untyped]  # python-jose ships no types
from jose.backends.cryptography_backend import CryptographyECKey  # type: ignore[import-untyped]  # as above
from jose.exceptions import JOSEError  # type: ignore[import-untyped]  # as above

from api.token_keys import SigningKeys

LONGEST_LIFETIME_SECONDS: Final = 600
SKEW_SECONDS: Final = 30
LONGEST_TOKEN: Final = 4096
CACHED_TOKENS: Final = 4096

_ALGORITHM: Final = "ES256"
_CURVE_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_HIGHEST_S: Final = _CURVE_ORDER // 2
_LARGEST_NUMBER: Final = 2**53 - 1
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{1,512}\.[A-Za-z0-9_-]{1,4000}\.[A-Za-z0-9_-]{86}")

_ADDRESS: Final = re.compile(r"[\x21-\x7e]{1,255}")
_NAME: Final = re.compile(r"[\x21-\x7e]{1,64}")
_NAME_OR_EMPTY: Final = re.compile(r"[\x21-\x7e]{0,64}")
_SCOPE: Final = re.compile(r"[\x20-\x7e]{0,1024}")
_TEXT_CLAIMS: Final = {
    "iss": _ADDRESS,
    "aud": _ADDRESS,
    "sub": _NAME,
    "jti": _NAME,
    "sid": _NAME,
    "client_id": _NAME_OR_EMPTY,
    "assignment_id": _NAME_OR_EMPTY,
    "role": _NAME,
    "place": _NAME,
    "scope": _SCOPE,
}
_NUMBER_CLAIMS: Final = ("iat", "exp", "ver")


class TokenError(Exception):
    """The token is not acceptable; on purpose nothing says why."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says of its bearer; every claim is required.

    ``iat`` and ``exp`` are seconds since 1970, ``exp`` exclusive. ``client_id`` and ``assignment_id`` may be empty
    where they do not apply, ``scope`` is a list of words separated by spaces.
    """

    iss: str
    aud: str
    sub: str
    jti: str
    iat: int
    exp: int
    sid: str
    client_id: str
    assignment_id: str
    role: str
    place: str
    scope: str
    ver: int


class BearerClaims(TypedDict):
    """The claims the caller of `TokenModule.sign` decides; the module adds issuer, audience and times."""

    sub: str
    jti: str
    sid: str
    client_id: str
    assignment_id: str
    role: str
    place: str
    scope: str
    ver: int


_CLAIM_NAMES: Final = frozenset(claim.name for claim in fields(AccessClaims))


class TokenModule:
    """Signs and verifies the access tokens of one issuer for one audience.

    A token found good is remembered by its text until it runs out; a refusal is never remembered. The keys are fixed
    for the life of the module: after a rotation make a new one.
    """

    def __init__(
        self, keys: SigningKeys, issuer: str, audience: str, lifetime_seconds: int = LONGEST_LIFETIME_SECONDS
    ) -> None:
        if not 0 < lifetime_seconds <= LONGEST_LIFETIME_SECONDS:
            raise ValueError(f"An access token lives between 1 and {LONGEST_LIFETIME_SECONDS} seconds.")
        self._issuer = issuer
        self._audience = audience
        self._lifetime_seconds = lifetime_seconds
        self._header = {"typ": "at+jwt", "kid": keys.kid}
        self._signer = CryptographyECKey(keys.current, _ALGORITHM)
        self._verifiers = {
            _header_segment(kid): CryptographyECKey(key, _ALGORITHM) for kid, key in keys.public_keys().items()
        }
        self._verified: OrderedDict[str, AccessClaims] = OrderedDict()

    def sign(self, *, now: int, **bearer: Unpack[BearerClaims]) -> str:
        """Make the token that holds from ``now`` (seconds since 1970) for the lifetime of the module.

        Raises:
            ValueError: a claim is not what `verify` would accept.
        """
        claims = AccessClaims(iss=self._issuer, aud=self._audience, iat=now, exp=now + self._lifetime_seconds, **bearer)
        members = asdict(claims)
        try:
            _claims_from(members)
        except TokenError:
            raise ValueError("A claim has the wrong type, length or characters.") from None
        payload = json.dumps(members, separators=(",", ":")).encode("ascii")
        token: str = jws.sign(payload, self._signer, headers=self._header, algorithm=_ALGORITHM)
        return _with_low_s(token)

    def verify(self, token: str, now: int) -> AccessClaims:
        """The claims of a token that holds at ``now`` (seconds since 1970), or `TokenError` for any failure."""
        if type(token) is not str or len(token) > LONGEST_TOKEN:
            raise TokenError
        known = self._verified.get(token)
        claims = self._authentic_claims(token) if known is None else known
        if not claims.iat - SKEW_SECONDS <= now < claims.exp:
            self._verified.pop(token, None)
            raise TokenError
        if known is None:
            self._verified[token] = claims
            if len(self._verified) > CACHED_TOKENS:
                self._verified.popitem(last=False)
        return claims

    def _authentic_claims(self, token: str) -> AccessClaims:
        if _SHAPE.fullmatch(token) is None:
            raise TokenError
        header, payload, signature = token.split(".")
        verifier = self._verifiers.get(header)
        if verifier is None or not (_is_canonical(payload) and _is_canonical(signature)):
            raise TokenError
        if int.from_bytes(_decoded(signature)[32:]) > _HIGHEST_S:
            raise TokenError
        try:
            signed: bytes = jws.verify(token, verifier, [_ALGORITHM])
            members = _PAYLOAD.decode(signed.decode("ascii"))
        except (JOSEError, ValueError, RecursionError):
            raise TokenError from None
        claims = _claims_from(members)
        if claims.iss != self._issuer or claims.aud != self._audience:
            raise TokenError
        if not 0 < claims.exp - claims.iat <= LONGEST_LIFETIME_SECONDS:
            raise TokenError
        return claims


def _claims_from(members: Mapping[str, Any]) -> AccessClaims:
    if type(members) is not dict or members.keys() != _CLAIM_NAMES:
        raise TokenError
    for name, pattern in _TEXT_CLAIMS.items():
        text = members[name]
        if type(text) is not str or pattern.fullmatch(text) is None:
            raise TokenError
    for name in _NUMBER_CLAIMS:
        number = members[name]
        if type(number) is not int or not 0 <= number <= _LARGEST_NUMBER:
            raise TokenError
    return AccessClaims(**members)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _refuse_number(_: str) -> NoReturn:
    raise ValueError


_PAYLOAD: Final = json.JSONDecoder(
    object_pairs_hook=_without_duplicates, parse_constant=_refuse_number, parse_float=_refuse_number
)


def _decoded(segment: str) -> bytes:
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _is_canonical(segment: str) -> bool:
    return len(segment) % 4 != 1 and _encoded(_decoded(segment)) == segment


def _with_low_s(token: str) -> str:
    signed, _, signature = token.rpartition(".")
    raw = _decoded(signature)
    s = int.from_bytes(raw[32:])
    return token if s <= _HIGHEST_S else f"{signed}.{_encoded(raw[:32] + (_CURVE_ORDER - s).to_bytes(32))}"


def _header_segment(kid: str) -> str:
    header = {"alg": _ALGORITHM, "kid": kid, "typ": "at+jwt"}
    return _encoded(json.dumps(header, separators=(",", ":")).encode("ascii"))
