"""The sample program, run once for each service of the demo."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from gaap.conf import conf
from gaap.keys.models import ApiKey
from gaap.keys.services import key_text
from gaap_site.demo.files import kept_text, new_private_key
from gaap_site.demo.processes import Process
from gaap_site.demo.services import KEY_NAME, DemoService, template_slots
from gaap_site.launch import PROJECT_DIR, is_free

PROGRAM = PROJECT_DIR / "docs" / "examples" / "renew_vehicle" / "app.py"


class SampleProgram:
    """The sample program for one service; ``folder`` is where it keeps its private key and its database."""

    def __init__(self, service: DemoService, *, folder: Path) -> None:
        self.service = service
        self.port = (urlsplit(conf.base_url).port or 80) + service.port_offset
        self.url = f"http://127.0.0.1:{self.port}/"
        self._database = folder / f"{service.client_id}.sqlite3"
        self._private_key = folder / f"{service.client_id}.pem"

    @property
    def private_key(self) -> str:
        """The PEM that the program signs with when it redeems a code; made the first time."""
        return kept_text(self._private_key, make=new_private_key)

    @property
    def api_key(self) -> str:
        """The text of the service's API key; the service must be provisioned."""
        return str(key_text(ApiKey.objects.get(service_id=self.service.id, name=KEY_NAME, revoked_at=None)))

    def process(self, *, logs: Path | None) -> Process:
        """Return the program ready to be started; it prints into a file in ``logs``, or where this process does."""
        environ = {
            "SUITE_URL": conf.base_url,
            "PORT": str(self.port),
            "CURRENCY": self.service.currency,
            "DATABASE": str(self._database),
            "API_KEY": self.api_key,
            "CLIENT_ID": self.service.client_id,
            "PRIVATE_KEY_FILE": str(self._private_key),
            "NO_PROXY": "127.0.0.1",
            **{slot: self.service.template_id(slot) for slot in template_slots()},
        }
        log = logs / f"{self.service.client_id}.log" if logs else None
        return Process(f"sample service on port {self.port}", [sys.executable, str(PROGRAM)], environ=environ, log=log)

    def is_answering(self) -> bool:
        """Say whether something listens on its port."""
        return not is_free(self.port)
