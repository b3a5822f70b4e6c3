"""Tokens for programs (OAuth 2.0): client credentials, revocation, introspection.

These operations follow their RFCs and not our own conventions: form bodies, ``{"error": …}``, unknown parameters
ignored. Source: RFC 6749, RFC 7009, RFC 7662.
"""

import base64
import binascii
import time
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import unquote_plus

from fastapi import Form
from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from api.access import MACHINE_ASSIGNMENT, grant_of, public
from api.accounts.account_shapes import NO_STORE, address_of, tries_per_minute
from api.answers import Answer, encoded
from api.operations import Operation, area
from api.problems import DESCRIPTIONS, of_error
from api.shapes import Shape
from api.tokens import LONGEST_LIFETIME_SECONDS, AccessClaims, TokenError, TokenModule
from domain.access import Role
from domain.accounts import oauth_grants
from domain.accounts.oauth_grants import ClientCredentials, OAuthError
from domain.accounts.principals import Grant
from domain.database import Row
from domain.errors import KikanError, RuleError, TooManyRequestsError, UnavailableError
from domain.statements.columns import new_id
from domain.steps import Steps

_LONGEST_CREDENTIALS = 1000


class TokenOperation(Operation):
    """An operation that refuses in the words of RFC 6749 section 5.2, and ignores parameters as section 3.2 asks."""

    ignores_query: ClassVar[bool] = True

    def wrong_method(self, request: Request, allowed: str) -> Response:  # noqa: ARG002 - the standard has one language
        """Build the answer to a method that the path does not have, refused like everything else here."""
        return refusal("invalid_request", "This method is not allowed here.", 405, {"Allow": allowed})

    def refused(self, request: Request, error: KikanError) -> Response:
        """Build the error answer of the standard; what it has no word for stays a problem detail."""
        headers = {}
        if isinstance(error, OAuthError):
            code, status = error.code, 400
            if code == "invalid_client":
                status = 401
                headers["WWW-Authenticate"] = 'Basic realm="kikan", charset="UTF-8"'
        elif isinstance(error, RuleError):
            code, status = "invalid_request", 400
        elif isinstance(error, TooManyRequestsError | UnavailableError):
            code, status = "temporarily_unavailable", 429 if isinstance(error, TooManyRequestsError) else 503
            headers["Retry-After"] = str(error.retry_after_seconds)
        else:
            return of_error(request, error)
        return refusal(code, _described(error), status, headers)


def refusal(code: str, told: str, status: int, headers: Mapping[str, str]) -> Response:
    """Build an error answer of the standard; ``told`` is ASCII, as RFC 6749 asks."""
    body = encoded({"error": code, "error_description": told})
    return Response(body, status, {**NO_STORE, **headers}, media_type="application/json")


def is_token_path(path: str) -> bool:
    """Tell whether clients of the standard call this path."""
    return path.startswith(f"{router.prefix}/")


def _described(error: KikanError) -> str:
    """Say what is wrong in one line: there is no place for a list of faults here, so the first one stands for all."""
    first = error.faults[0] if error.faults else None
    if first is None:
        return error.detail_en
    field = (first.pointer or "").strip("/")
    return f"{field}: {first.code}" if field else first.detail_en


router = area("oauth", prefix="", kind=TokenOperation)


class TokenForm(Shape):
    """A request for a token. Other parameters are ignored."""

    model_config = ConfigDict(extra="ignore")

    grant_type: str = Field(description="`client_credentials`.", examples=["client_credentials"])
    scope: str | None = Field(
        default=None,
        description="Scopes by space; left out, all of the client's.",
        examples=["activity_counts:read work_plans:read"],
    )


class PresentedToken(Shape):
    """A token to be revoked or looked into. Other parameters are ignored."""

    model_config = ConfigDict(extra="ignore")

    token: str = Field(description="The token.")
    token_type_hint: str | None = Field(default=None, description="`access_token` or `refresh_token`; not needed.")


class TokenOut(Shape):
    """An access token for a program."""

    access_token: str = Field(description="For `Authorization: Bearer …`.")
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds.", examples=[600])
    scope: str = Field(description="What was granted, by space.")


class IntrospectionOut(Shape):
    """What a token is. For one that does not hold, or is not the caller's own, only `active: false`."""

    active: bool
    scope: str | None = None
    client_id: str | None = None
    token_type: str | None = None
    exp: int | None = None
    iat: int | None = None
    sub: str | None = None
    aud: str | None = None
    iss: str | None = None
    jti: str | None = None


class OAuthErrorOut(Shape):
    """A refusal. Source: RFC 6749 section 5.2."""

    error: str = Field(examples=["invalid_client"])
    error_description: str


_BY_THE_GUARD = (408, 413, 414, 415, 422, 431, 500)


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    told = DESCRIPTIONS | {
        400: "The request is wrong; `error` says how (要求の誤り).",
        401: "The client could not be authenticated (クライアントを確認できない).",
        429: "Too many tries; see `Retry-After` (回数制限).",
        503: "Cannot answer now; see `Retry-After` (一時的に使えない).",
    }
    return {
        status: {"model": OAuthErrorOut, "description": told[status]} for status in sorted({*statuses, *_BY_THE_GUARD})
    }


@router.post("/token", response_model=TokenOut, responses=_errors(400, 401, 429, 503))
async def issue_token(
    request: Request, steps: Annotated[Steps, public(steps=True)], form: Annotated[TokenForm, Form()]
) -> Answer:
    """Give a program an access token for its client id and secret in HTTP Basic (トークンの発行)."""
    client = await oauth_grants.authenticated_client(steps, _credentials(request))
    made = await oauth_grants.grant_token(steps, client, form.grant_type, form.scope)
    scope = " ".join(made.scopes)
    access_token = _tokens(request).sign(
        now=int(time.time()),
        sub=client["id"],
        jti=new_id(),
        sid=made.grant_id,
        client_id=client["client_id"],
        assignment_id=MACHINE_ASSIGNMENT,
        role=Role.INTEGRATION.value,
        place=str(made.place),
        scope=scope,
        ver=client["version"],
    )
    return Answer(
        encoded(
            {
                "access_token": access_token,
                "token_type": "Bearer",
                "expires_in": LONGEST_LIFETIME_SECONDS,
                "scope": scope,
            }
        ),
        headers=dict(NO_STORE),
    )


@router.post("/revoke", responses=_errors(400, 401, 429, 503))
async def revoke_token(
    request: Request, steps: Annotated[Steps, public(steps=True)], form: Annotated[PresentedToken, Form()]
) -> Answer:
    """Make a token void (トークンの取り消し). An unknown token is no error.

    A program revokes its own access tokens and authenticates itself; a person ends the own session with a refresh or
    access token of it.
    """
    is_program = "authorization" in request.headers
    client = await _asking(steps, request) if is_program else None
    await oauth_grants.revoke(steps, client, _grant(_claims(request, form.token)), form.token)
    return Answer(b"", headers=dict(NO_STORE))


@router.post(
    "/introspect",
    response_model=IntrospectionOut,
    response_model_exclude_none=True,
    responses=_errors(400, 401, 429, 503),
)
async def introspect_token(
    request: Request, steps: Annotated[Steps, public(steps=True)], form: Annotated[PresentedToken, Form()]
) -> Answer:
    """Tell a program whether one of its own access tokens still holds (トークンの確認)."""
    client = await _asking(steps, request)
    claims = _claims(request, form.token)
    told: dict[str, Any] = {"active": False}
    if claims is not None and await oauth_grants.is_live(steps, client, _grant(claims)):
        names = ("scope", "client_id", "exp", "iat", "sub", "aud", "iss", "jti")
        told = {"active": True, "token_type": "Bearer", **{name: getattr(claims, name) for name in names}}
    return Answer(encoded(told), headers=dict(NO_STORE))


async def _asking(steps: Steps, request: Request) -> Row:
    """Give the client that asks about a token it holds."""
    return await oauth_grants.authenticated_client(steps, _credentials(request), counts_address=False)


def _tokens(request: Request) -> TokenModule:
    tokens: TokenModule = request.app.state.tokens
    return tokens


def _claims(request: Request, token: str) -> AccessClaims | None:
    try:
        return _tokens(request).verify(token, int(time.time()))
    except TokenError:
        return None


def _grant(claims: AccessClaims | None) -> Grant | None:
    return None if claims is None else grant_of(claims)


def _credentials(request: Request) -> ClientCredentials:
    """Read HTTP Basic credentials, of which both parts are form-encoded. Source: RFC 6749 section 2.3.1."""
    client_id, secret = None, None
    kind, _, coded = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic" and len(coded) <= _LONGEST_CREDENTIALS:
        try:
            name, colon, rest = base64.b64decode(coded.strip(), validate=True).decode("ascii").partition(":")
        except (binascii.Error, ValueError):
            name, colon, rest = "", "", ""
        if colon:
            client_id, secret = unquote_plus(name), unquote_plus(rest)
    if client_id is not None and not (client_id.isprintable() and client_id.isascii()):
        client_id, secret = None, None
    return ClientCredentials(client_id, secret, address_of(request), tries_per_minute(request))
