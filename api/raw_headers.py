"""One header of a request, without building all of them first: every request is asked for two."""

from starlette.requests import Request


def header_of(request: Request, name: bytes) -> str | None:
    """Give the first header of a name, which is written in lower case; None where there is none."""
    for given, value in request.scope["headers"]:
        if given == name:
            return str(value, "latin-1")
    return None
