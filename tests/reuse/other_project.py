"""A Django project of a few lines, as somebody else would write it around one component."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.processes import Program, free_port, listens, wait_until
from tests.project import ROOT

HOW_TO = ROOT / "docs/how-to/take-one-component.md"
OWN_SETTINGS = """
SECRET_KEY = "of a test"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "urls"
USE_TZ = True
INSTALLED_APPS = []
MIDDLEWARE = []
TEMPLATES = [{{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}}]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
GAAP_BASE_URL = "http://127.0.0.1:{port}/"
"""

SERVE = """
import sys
from django.core.wsgi import get_wsgi_application
from waitress import serve
serve(get_wsgi_application(), host="127.0.0.1", port=int(sys.argv[1]))
"""


def block(title: str) -> str:
    """Return the block of the how-to that begins with the comment `title`."""
    found = re.search(rf"```python\n# {re.escape(title)}\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"{HOW_TO.name} has no block `# {title}`"
    return found[1]


class OtherProject:
    """A folder with settings, addresses and a start; commands run in it as its developers would run them."""

    def __init__(self, folder: Path, *, python: Path, apps: tuple[str, ...]) -> None:
        self.folder = folder
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self._python = python
        settings = [OWN_SETTINGS.format(port=self.port), block("settings")]
        settings += [block("settings for identity")] if "gaap_identity" in apps else []
        settings += [f"INSTALLED_APPS += {[app for app in apps if app != 'gaap_identity']}"]
        (folder / "settings.py").write_text("\n".join(settings))
        (folder / "urls.py").write_text(block("urls"))
        (folder / "serve.py").write_text(SERVE)

    def manage(self, *arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        """Run one of Django's commands to its end, with `given` on its standard input."""
        return subprocess.run(
            [self._python, "-m", "django", *arguments],
            cwd=self.folder,
            env=self._environ(),
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def provision(self, document: dict[str, Any]) -> dict[str, Any]:
        """Apply a provisioning document and return what it answers."""
        finished = self.manage("provision", "-", given=json.dumps(document))
        assert finished.returncode == 0, finished.stderr
        answer: dict[str, Any] = json.loads(finished.stdout)
        return answer

    def where(self, module: str) -> Path:
        """Say which file a module is imported from."""
        finished = self.manage("shell", "--no-imports", "-c", f"import {module}; print({module}.__file__)")
        assert finished.returncode == 0, finished.stderr
        return Path(finished.stdout.strip().splitlines()[-1])

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve the project within the block; the value is its base address."""
        command = [str(self._python), "serve.py", str(self.port)]
        log = self.folder / "serve.log"
        with Program(command, environ=self._environ(), log=log, cwd=self.folder) as program:
            wait_until(lambda: listens(self.port), seconds=30, what="serving", program=program)
            yield self.base_url

    def _environ(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("GAAP_", "DATABASE_", "PYTHON"))
        }
        own = {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(self.folder), "CELERY_BROKER_URL": "memory://"}
        return {**kept, **own}
