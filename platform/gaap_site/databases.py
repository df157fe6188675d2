"""The site's databases, from the environment: the one that is written, and a replica where there is one."""

from collections.abc import Mapping
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from gaap.databases import REPLICA

BACKEND = "gaap_site.postgresql"
#: How a connection pooler between the suite and PostgreSQL lends its connections.
POOLERS = ("", "transaction")
KEPT_SECONDS = 60
#: How soon a server that is gone without a word is noticed: within half a minute, not when TCP gives up after hours.
#: (https://www.postgresql.org/docs/current/libpq-connect.html; milliseconds for the last, seconds for the others)
NOTICES_LOSS: Mapping[str, int] = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def databases(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return Django's ``DATABASES`` for ``DATABASE_URL`` and what else ``environ`` says; see the settings reference.

    Raises ImproperlyConfigured.
    """
    found = {"default": _database(environ, "DATABASE_URL")}
    if environ.get("REPLICA_URL"):
        found[REPLICA] = _database(environ, "REPLICA_URL")
        # Tests have one database, which both connections lead to.
        found[REPLICA]["TEST"] = {"MIRROR": "default"}
    return found


def _database(environ: Mapping[str, str], name: str) -> dict[str, Any]:
    engine = BACKEND if environ[name].startswith("postgres") else None
    settings: Any = dj_database_url.parse(
        environ[name], engine=engine, conn_max_age=KEPT_SECONDS, conn_health_checks=True
    )
    if engine:
        settings["OPTIONS"] = {**NOTICES_LOSS, **settings.get("OPTIONS", {})}
    pooler, seconds = environ.get("GAAP_DATABASE_POOLER", ""), float(environ.get("GAAP_STATEMENT_SECONDS", "0"))
    if pooler not in POOLERS:
        raise ImproperlyConfigured(f"GAAP_DATABASE_POOLER must be empty or one of {', '.join(POOLERS[1:])}.")
    if pooler:
        _share(settings, seconds)
    elif seconds and engine:
        options = settings["OPTIONS"]
        options["options"] = f"{options.get('options', '')} -c statement_timeout={round(seconds * 1000)}".strip()
    return dict(settings)


def _share(settings: dict[str, Any], seconds: float) -> None:
    """Keep nothing at the server's side of a connection that others have after each transaction."""
    if seconds:
        # What a session is begun with would be another's session's too; the role's own setting holds for all.
        raise ImproperlyConfigured(
            "Behind a pooler GAAP_STATEMENT_SECONDS cannot be kept: ALTER ROLE ... SET statement_timeout instead."
        )
    settings |= {"DISABLE_SERVER_SIDE_CURSORS": True, "PREPARES_STATEMENTS": False}
