"""The contract for people: ``/docs`` and ``/redoc``, from files that come with the service. Nothing is loaded from
outside, because municipal networks (LGWAN) have no internet.
"""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from starlette.staticfiles import StaticFiles

from api.fixed_pages import Page, fixed

PATHS = ("/docs", "/redoc", "/openapi.json", "/docs-assets")

_ASSETS = Path(fastapi_offline.__file__).parent / "static"
_FOREIGN_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
"""The one address outside the service that the bundled Redoc would ask for: its own small logo."""

_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src blob:; frame-ancestors 'none'"
)


def attach(app: FastAPI) -> None:
    """Add the pages and their files."""

    def docs() -> Page:
        page = get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="kikan API",
            swagger_js_url="/docs-assets/swagger-ui-bundle.js",
            swagger_css_url="/docs-assets/swagger-ui.css",
            swagger_favicon_url="/docs-assets/favicon.png",
            swagger_ui_parameters={
                "validatorUrl": None,
                "docExpansion": "none",
                "displayRequestDuration": True,
                "defaultModelsExpandDepth": 0,
            },
        )
        return Page(bytes(page.body), "text/html; charset=utf-8", {"Content-Security-Policy": _POLICY})

    def redoc() -> Page:
        page = get_redoc_html(
            openapi_url="/openapi.json",
            title="kikan API",
            redoc_js_url="/docs-assets/redoc.standalone.js",
            redoc_favicon_url="/docs-assets/favicon.png",
            with_google_fonts=False,
        )
        return Page(bytes(page.body), "text/html; charset=utf-8", {"Content-Security-Policy": _POLICY})

    app.router.add_route("/docs", fixed(docs), methods=["GET"], include_in_schema=False)
    app.router.add_route("/redoc", fixed(redoc), methods=["GET"], include_in_schema=False)

    def redoc_script() -> Page:
        script = (_ASSETS / "redoc.standalone.js").read_bytes().replace(_FOREIGN_LOGO, b"/docs-assets/favicon.png")
        return Page(script, "text/javascript", {"Cache-Control": "public, max-age=3600"})

    script = fixed(redoc_script)
    app.router.add_route("/docs-assets/redoc.standalone.js", script, methods=["GET"], include_in_schema=False)
    app.router.mount("/docs-assets", StaticFiles(directory=_ASSETS), name="docs-assets")
