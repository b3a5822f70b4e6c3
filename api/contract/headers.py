"""Headers of answers, and how callers prove who they are: what operations of the contract refer to by name."""

from typing import Any

CLIENT_SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "issue_token": [{"basic": []}],
    "introspect_token": [{"basic": []}],
    "revoke_token": [{"basic": []}, {}],
}
SCHEMES: dict[str, Any] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Access token from `POST /v1/sessions` (persons) or `POST /oauth/token` (programs).",
    },
    "metrics_token": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of `KIKAN_METRICS_TOKEN`, for `/metrics` only (稼働指標のトークン).",
    },
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "Client id and secret of a program, for `/oauth/*` only (クライアントIDとシークレット).",
    },
}
HEADERS: dict[str, Any] = {
    name: {"description": told, "schema": {"type": "string"}, "example": example}
    for name, told, example in (
        ("X-Request-Id", "Name this when you ask for help (問い合わせ番号).", "0199a3c2-7c2e-7b5e-9a53-5f4d0c9c1a11"),
        ("ETag", "Version, for `If-Match` and `If-None-Match` (版).", '"3"'),
        (
            "Vary",
            "Which request headers the answer depends on: what a caller may do is its own (依存ヘッダー).",
            "Authorization",
        ),
        ("Location", "Where the new thing stands (作成先).", "/v1/office_visits/0199a3c2-7c2e-7b5e-9a53-5f4d0c9c1a11"),
        (
            "Link",
            "The next page, asked as this one was; left out at the end (次のページ).",
            '</v1/office_visits?limit=50&cursor=WyJpZCIsIjAxOTkiXQ>; rel="next"',
        ),
        ("X-Next-Cursor", "The same as `next_cursor`; left out at the end (続きのカーソル).", "WyJpZCIsIjAxOTkiXQ"),
        ("X-Replaced-Characters", "With `replace=true`: how many characters are 〓 (置き換えた文字数).", "2"),
        ("RateLimit", "What is left of the limit (残り回数).", '"token";r=1199;t=60'),
        ("RateLimit-Policy", "The limit (回数制限).", '"token";q=1200;w=60'),
        ("Idempotency-Replayed", "`true` where an earlier answer is repeated (再送への返答).", "true"),
        ("Retry-After", "Seconds to wait (待つ秒数).", "2"),
        ("WWW-Authenticate", "How to sign in (認証方式).", 'Bearer realm="kikan"'),
    )
}
