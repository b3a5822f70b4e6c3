"""Django as a small API project sets it up: no sessions, no admin, a pool of connections, unmanaged models."""

import os
from urllib.parse import parse_qs, urlsplit

_parts = urlsplit(os.environ["BENCH_DATABASE"])

SECRET_KEY = os.environ["BENCH_SECRET"]
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "bench.peers.django_app"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = os.environ.get("BENCH_URLS", "bench.peers.drf")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _parts.path.lstrip("/"),
        "USER": _parts.username,
        "HOST": _parts.hostname or parse_qs(_parts.query)["host"][0],
        "PORT": _parts.port or "",
        "OPTIONS": {"pool": {"min_size": 4, "max_size": 24}},
    }
}
USE_TZ = True
TIME_ZONE = "Asia/Tokyo"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING_CONFIG = None
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
