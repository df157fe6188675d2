"""Making an instance ready for the demo; doing it again changes nothing."""

from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command

from gaap.actors import SYSTEM
from gaap.operators.services import make_operator
from gaap.provisioning.services import provision
from gaap_site.demo.files import kept_text, new_password, public_key_of
from gaap_site.demo.sample import SampleProgram
from gaap_site.demo.services import SERVICES, provisioning_document

OPERATOR = "operator@platform.example"


class Demo:
    """An instance's demo; what it makes for itself lies in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.programs = [SampleProgram(service, folder=folder) for service in SERVICES]

    def set_up(self, *, say: Callable[[str], object]) -> None:
        """Bring database, services and operator into being; ``say`` is told what happens."""
        say("Preparing the database")
        call_command("migrate", verbosity=0)
        say("Setting up two services with sign-in, payments and messages")
        provision(self._document(), by=SYSTEM)
        make_operator(OPERATOR, password=self.operator_password, by=SYSTEM)

    @property
    def operator_password(self) -> str:
        """The password that the platform operator was given; made the first time."""
        return kept_text(self._folder / "operator-password.txt", make=new_password)

    def _document(self) -> dict[str, object]:
        urls = {program.service.client_id: program.url for program in self.programs}
        public_keys = {program.service.client_id: public_key_of(program.private_key) for program in self.programs}
        return provisioning_document(urls, public_keys=public_keys)
