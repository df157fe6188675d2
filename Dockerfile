# One image for web, worker, scheduler and commands. Packages are installed from the hashed file in a first stage;
# the second holds neither pip's cache nor a compiler, and runs as a user who may write nowhere but /tmp.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
# base, or tracing for what tells traces to a collector as well.
ARG REQUIREMENTS=base
COPY requirements ./requirements
RUN python -m venv /venv \
    && /venv/bin/pip install --require-hashes --no-deps -r requirements/$REQUIREMENTS.txt
COPY . .
# What the image is made of (CycloneDX), from the same lock that was installed.
RUN PYTHONPATH=platform /venv/bin/python -m gaap_site.supply_chain.sbom requirements/$REQUIREMENTS.txt > /app/sbom.cdx.json
# Names of static files carry a hash of their content, so they are collected with the code that refers to them.
RUN SECRET_KEY=build GAAP_DIGEST_KEY=build GAAP_ENCRYPTION_KEYS=build:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    DATABASE_URL=sqlite:////tmp/build.sqlite3 GAAP_STATIC_ROOT=/app/staticfiles \
    /venv/bin/python manage.py collectstatic --no-input

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="GaaP suite" \
    org.opencontainers.image.description="Identity, Pay and Notify for any government" \
    org.opencontainers.image.licenses="MIT"
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app/platform:/app/identity:/app/payments:/app/notify \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=gaap_site.settings \
    GAAP_STATIC_ROOT=/app/staticfiles
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin gaap
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-m", "gaap_site.health_probe"]
STOPSIGNAL SIGTERM
CMD ["gunicorn", "gaap_site.wsgi:application", "--config=python:gaap_site.web_server"]
