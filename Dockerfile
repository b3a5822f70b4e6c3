# The production image. Build:  docker build --tag kikan .
# Behind a mirror or proxy:     docker build --build-arg PIP_INDEX_URL=... --build-arg HTTPS_PROXY=... --tag kikan .
FROM python:3.13-slim-bookworm AS build
ARG PIP_INDEX_URL
ARG PIP_TRUSTED_HOST
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY deploy/requirements/build.txt deploy/requirements/runtime.txt ./
RUN ["python", "-m", "venv", "/opt/build"]
RUN ["/opt/build/bin/pip", "install", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", "build.txt"]
RUN ["python", "-m", "venv", "/opt/kikan"]
RUN ["/opt/kikan/bin/pip", "install", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", "runtime.txt"]
# python-jose runs on cryptography here; its other backends are not shipped. An import that needed them fails the build.
RUN ["/opt/kikan/bin/pip", "uninstall", "--yes", "ecdsa", "rsa", "pyasn1"]
COPY pyproject.toml ./
COPY api ./api
COPY domain ./domain
COPY migrations ./migrations
RUN ["/opt/build/bin/python", "-m", "hatchling", "build", "--target", "wheel", "--directory", "dist"]
RUN ["/opt/kikan/bin/pip", "install", "--no-index", "--no-deps", "--find-links", "dist", "kikan"]
RUN ["/opt/kikan/bin/pip", "uninstall", "--yes", "pip"]
WORKDIR /
RUN ["/opt/kikan/bin/python", "-c", "import api.app, api.cli, api.tokens, sys; sys.exit(bool({'ecdsa', 'rsa', 'pyasn1'} & set(sys.modules)))"]

FROM python:3.13-slim-bookworm
RUN ["useradd", "--uid", "10001", "--user-group", "--create-home", "--home-dir", "/var/lib/kikan", "--shell", "/usr/sbin/nologin", "kikan"]
COPY --from=build /opt/kikan /opt/kikan
ENV PATH=/opt/kikan/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    KIKAN_ENV=production \
    KIKAN_VAR=/var/lib/kikan \
    KIKAN_HOST=0.0.0.0 \
    KIKAN_PORT=8000
# The one place that is written to; everything else may be mounted read-only.
VOLUME /var/lib/kikan
WORKDIR /var/lib/kikan
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['KIKAN_PORT']), timeout=2); c.request('GET', '/livez'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["kikan"]
CMD ["serve"]
