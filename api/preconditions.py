"""ETag, If-Match, If-None-Match and Idempotency-Key."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from fastapi import params
from starlette.requests import Request

from api.raw_headers import header_of
from domain.database import ANY_VERSION
from domain.errors import Fault, PreconditionMissingError, RuleError, StaleVersionError

_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_VERSION = re.compile(r'"([1-9][0-9]{0,17})"')
_TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
_TAGS = re.compile(rf"{_TAG}(?:[ \t]*,[ \t]*{_TAG})*")


@dataclass(frozen=True, slots=True)
class IfMatch:
    """Marker of a parameter that takes the version named by ``If-Match``; ``is_optional`` gives None without one."""

    is_optional: bool = False

    def __call__(self) -> None:
        """Stand in for a dependency; ``api.operations`` gives the version."""


def if_match() -> Any:
    """Ask for the version that the caller read."""
    return params.Depends(IfMatch())


def if_match_where_it_exists() -> Any:
    """Take the version that the caller read, for an upsert: only the replacing of what exists needs one."""
    return params.Depends(IfMatch(is_optional=True))


def version_named(request: Request) -> int:
    """Give the version in ``If-Match``; ``ANY_VERSION`` where it takes several or any (``version_meant``).

    Raises:
        PreconditionMissingError: no ``If-Match`` (428).
        RuleError: it is neither ``*`` nor tags in quotation marks (422).
        StaleVersionError: none of its tags is one of our strong ones (412): it cannot be what was read.
    """
    header = request.headers.get("if-match")
    if header is None:
        raise PreconditionMissingError
    header = header.strip()
    found = _VERSION.fullmatch(header)
    if found is not None:
        return int(found.group(1))
    if header == "*":
        return ANY_VERSION
    if not _TAGS.fullmatch(header):
        ja = '変更前の ETag を引用符ごと入れてください。例: "3"'
        en = 'Give the ETag you read with its quotation marks, such as "3".'
        raise RuleError("if_match_invalid", ja, en, faults=(Fault("if_match_invalid", ja, en, parameter="If-Match"),))
    if not _versions_in(header):
        raise StaleVersionError
    return ANY_VERSION


def version_meant(request: Request, current: int | None) -> int | None:
    """Give the version that a thing is at, where ``If-Match`` takes it: as one of several, or as any by ``*``."""
    header = request.headers.get("if-match", "").strip()
    return current if header == "*" or current in _versions_in(header) else None


def _versions_in(header: str) -> set[int]:
    tags = (part.strip() for part in header.split(","))
    return {int(found.group(1)) for tag in tags if (found := _VERSION.fullmatch(tag))}


def is_unchanged(request: Request, etag: str | None) -> bool:
    """Tell whether ``If-None-Match`` names the tag (weak comparison, as RFC 9110 asks)."""
    header = header_of(request, b"if-none-match")
    if header is None or etag is None:
        return False
    if header.strip() == "*":
        return True
    return f'"{etag}"' in {part.strip().removeprefix("W/") for part in header.split(",")}


def key_named(request: Request) -> str | None:
    """Give the ``Idempotency-Key``, if there is one.

    Raises:
        RuleError: it is not 1 to 128 visible ASCII characters.
    """
    header = request.headers.get("idempotency-key")
    if header is None:
        return None
    if not _KEY.fullmatch(header):
        ja = "Idempotency-Key は半角の見える文字で1~128文字にしてください。"
        en = "Idempotency-Key must be 1 to 128 visible ASCII characters."
        raise RuleError(
            "idempotency_key_invalid",
            ja,
            en,
            faults=(Fault("idempotency_key_invalid", ja, en, parameter="Idempotency-Key"),),
        )
    return header


def fingerprint_of(request: Request, body: bytes) -> str:
    """Give what must be the same for a repeated request: method, path, query and body, as SHA-256."""
    head = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return sha256(head + body).hexdigest()
