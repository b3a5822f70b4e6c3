"""Signing in, staying signed in, signing out (サインイン)."""

import time
from datetime import datetime
from typing import Annotated

import orjson
from fastapi import Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.access import allow, public
from api.accounts.account_shapes import (
    NO_STORE,
    AssignmentOut,
    OpaqueToken,
    Password,
    address_of,
    secret_keys_of,
    tries_per_minute,
)
from api.answers import Answer, document, encoded, nothing
from api.operations import area
from api.problems import of_error, problems
from api.shapes import Incoming, Page, Shape, Uuid, text
from api.tokens import LONGEST_LIFETIME_SECONDS, TokenModule
from domain.access import Permission
from domain.accounts import refresh_tokens, sign_in, sign_in_sessions
from domain.accounts.sign_in_sessions import AssignmentChoiceError, SignedIn
from domain.database import Session
from domain.statements.columns import new_id
from domain.steps import Steps

router = area("sessions")

OWN_PROGRAM = "kikan"
"""The ``client_id`` in the tokens of persons: they sign in to the service itself."""


class SignIn(Incoming):
    """Login and password, with a one-time code where a second factor is enrolled."""

    login: Annotated[str, text(100, may_be_blank=True)] = Field(
        description="Login (ログイン名).", examples=["suzuki@meguro"]
    )
    password: Password = Field(description="Password (パスワード).", examples=["nagai-aikotoba-2026"])
    totp: Annotated[str, text(20, may_be_blank=True)] | None = Field(
        default=None, description="Code of the authenticator app (ワンタイムコード).", examples=["123456"]
    )
    assignment_id: Uuid | None = Field(
        default=None, description="Which assignment to sign in with, where there are several (所属の選択)."
    )


class Refresh(Incoming):
    """The refresh token of the last answer."""

    refresh_token: OpaqueToken = Field(description="Refresh token; each is used once (更新トークン).")


class SignedInOut(Shape):
    """A session that has begun or goes on."""

    access_token: str = Field(description="For `Authorization: Bearer …`.")
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds the access token holds.", examples=[600])
    refresh_token: str = Field(description="For `POST /v1/sessions/refresh`, once.")
    assignment: AssignmentOut = Field(description="The assignment of this session (このセッションの所属).")


class RunningSessionOut(Shape):
    """A running session (サインイン中のセッション)."""

    id: str
    assignment_id: str = Field(description="Its assignment; see `GET /v1/me`.")
    agent: str | None = Field(description="Program that signed in, as it named itself.")
    created_at: datetime
    last_used_at: datetime = Field(description="Last refresh.")
    expires_at: datetime = Field(description="Ends then in any case.")
    is_current: bool = Field(description="True for the session of this request.")


CHOICE = {
    "description": "Several assignments, none chosen; `assignments` lists them (所属の選択が必要).",
    "content": {
        "application/problem+json": {
            "schema": {
                "allOf": [{"$ref": "#/components/schemas/Problem"}],
                "type": "object",
                "required": ["assignments"],
                "properties": {
                    "assignments": {"type": "array", "items": {"$ref": "#/components/schemas/AssignmentOut"}}
                },
            }
        }
    },
}


@router.post("", status_code=201, response_model=SignedInOut, responses={**problems(401, 403), 409: CHOICE})
async def sign_in_person(
    request: Request, steps: Annotated[Steps, public(steps=True)], body: SignIn
) -> Answer | Response:
    """Sign in with login and password (サインイン).

    Unknown login, wrong password, wrong or missing code and a disabled account all give the same 401.
    """
    attempt = sign_in.Attempt(body.login, body.password, body.totp, address_of(request), tries_per_minute(request))
    try:
        agent = request.headers.get("user-agent")
        signed_in = await sign_in.sign_in(
            steps, attempt, secret_keys_of(request), assignment_id=body.assignment_id, agent=agent
        )
    except AssignmentChoiceError as choice:
        return _choice(request, choice)
    answer = _tokens(request, signed_in)
    answer.status = 201
    answer.headers["Location"] = f"/v1/sessions/{signed_in.session_id}"
    return answer


def _choice(request: Request, error: AssignmentChoiceError) -> Response:
    refused = of_error(request, error)
    body = orjson.loads(refused.body) | {"assignments": error.choices}
    headers = {name: refused.headers[name] for name in ("Content-Language", "Vary")}
    return Response(encoded(body), refused.status_code, headers, media_type="application/problem+json")


def _tokens(request: Request, signed_in: SignedIn) -> Answer:
    tokens: TokenModule = request.app.state.tokens
    assignment = signed_in.assignment
    access_token = tokens.sign(
        now=int(time.time()),
        sub=signed_in.user_id,
        jti=new_id(),
        sid=signed_in.session_id,
        client_id=OWN_PROGRAM,
        assignment_id=assignment["id"],
        role=assignment["role"],
        place=assignment["place"],
        scope="",
        ver=assignment["version"],
    )
    content = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": LONGEST_LIFETIME_SECONDS,
        "refresh_token": signed_in.refresh_token,
        "assignment": assignment,
    }
    return Answer(encoded(content), headers=dict(NO_STORE))


@router.post("/refresh", response_model=SignedInOut, responses=problems(401))
async def refresh_session(request: Request, steps: Annotated[Steps, public(steps=True)], body: Refresh) -> Answer:
    """Give a new access token and a new refresh token for a refresh token (トークンの更新).

    Each refresh token is used once. Using one again ends the session, but for one repetition within ten seconds.
    """
    return _tokens(request, await refresh_tokens.refresh_session(steps, body.refresh_token))


@router.get("", response_model=Page[RunningSessionOut])
async def list_sessions(session: Annotated[Session, allow(Permission.ME_READ, door=True)]) -> Answer:
    """List one's own running sessions, the newest first (自分のセッションの一覧)."""
    found = await sign_in_sessions.sessions_of(session)
    resultset = {"limit": sign_in_sessions.MOST_LISTED, "next_cursor": None, "count": len(found)}
    return document({"resultset": resultset, "results": found})


@router.delete("/current", status_code=204)
async def sign_out(session: Annotated[Session, allow(Permission.ME_WRITE, door=True)]) -> Answer:
    """End the session of this request (サインアウト)."""
    await sign_in_sessions.end_own_session(session, session.actor.session_id)
    return nothing()


@router.delete("/{id}", status_code=204)
async def end_session(
    session: Annotated[Session, allow(Permission.ME_WRITE, door=True)],
    session_id: Annotated[str, Path(alias="id", description="Session (セッション).")],
) -> Answer:
    """End one of one's own sessions (自分のセッションを終了)."""
    await sign_in_sessions.end_own_session(session, session_id)
    return nothing()
