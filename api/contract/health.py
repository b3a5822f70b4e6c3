"""Health and metrics in the contract. They are no operations of an area: ``api.health`` serves them by itself."""

from typing import Any

from api.contract.problems import ALWAYS, refer

TAG = "health"
_SEEN = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}


def _json(told: str, example: dict[str, Any]) -> dict[str, Any]:
    """Describe an answer by its members, which are texts and lists of texts."""
    members = {
        "status": {"type": "string", "description": "`ok`, or what is the matter (状態)."},
        "faults": {
            "type": "array",
            "items": {"type": "string", "enum": ["database", "migrations"]},
            "description": "What keeps it from serving; empty where nothing does (原因).",
        },
    }
    schema = {"type": "object", "required": list(example), "properties": {name: members[name] for name in example}}
    content = {"application/json": {"schema": schema, "example": example}}
    return {"description": told, "headers": _SEEN, "content": content}


def _operation(name: str, summary: str, told: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    refer(responses, set(ALWAYS))
    return {
        "tags": [TAG],
        "summary": summary,
        "description": told,
        "operationId": name,
        "security": [],
        "parameters": [],
        "responses": dict(sorted(responses.items())),
        **more,
    }


def paths() -> dict[str, Any]:
    """Give the paths, by address."""
    live = _operation(
        "read_liveness",
        "Read liveness (稼働確認)",
        "Tell that the process lives (稼働確認). Asks nothing of the database.",
        {"200": _json("It lives (稼働中).", {"status": "ok"})},
    )
    ready = _operation(
        "read_readiness",
        "Read readiness (受付可否の確認)",
        "Tell whether the service can serve: the database answers and stands at the newest migration (受付可否の確認).",
        {
            "200": _json("It can serve (受付可).", {"status": "ok", "faults": []}),
            "503": _json("It cannot serve now (受付不可).", {"status": "not_ready", "faults": ["database"]}),
        },
    )
    metrics = _operation(
        "read_metrics",
        "Read metrics (稼働指標)",
        "Give request counts and times by route for Prometheus, nothing about anybody's data (稼働指標). "
        "Where `KIKAN_METRICS_TOKEN` is set, it is asked for as bearer token.",
        {
            "200": {
                "description": "Metrics as Prometheus reads them (稼働指標).",
                "headers": _SEEN,
                "content": {
                    "text/plain": {
                        "schema": {"type": "string"},
                        "example": 'kikan_requests_total{method="GET",route="/v1/centres",status="200"} 12.0\n',
                    }
                },
            },
            "401": _json("The token is missing or wrong (トークンの誤り).", {"status": "unauthorized"}),
        },
        security=[{"metrics_token": []}, {}],
    )
    return {"/livez": {"get": live}, "/readyz": {"get": ready}, "/metrics": {"get": metrics}}
