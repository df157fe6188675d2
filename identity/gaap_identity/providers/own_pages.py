"""Sources whose pages are the platform's own: documents looked at by people, and a counter."""

from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlencode

from gaap.conf import conf
from gaap.providers.errors import ProviderError
from gaap_identity.providers.base import CheckRequest, CheckResult, EvidenceProvider, Way, registry


class OwnPageProvider(EvidenceProvider):
    """A source that sends the browser to a page of ours, whose answer comes from a service and not from the browser."""

    page: ClassVar[str]

    def begin(self, request: CheckRequest) -> str:
        """Return the address of the page."""
        query = urlencode({"source": self.setup.identifier, "state": request.state})
        return f"{conf.base_url}prove-identity/{self.page}?{query}"

    def parse_result(self, parameters: Mapping[str, str]) -> CheckResult:
        """Refuse: a browser carries no result of these; raises ProviderError."""
        raise ProviderError("The result does not come with the browser.", permanent=True)


@registry.register("documents")
class DocumentsProvider(OwnPageProvider):
    """Pictures of a document and of the citizen, looked at by two operators."""

    page = "documents"
    ways = tuple(
        Way(needs=frozenset({kind}), evidence=((3, 2),), fraud=1, verification=2, minutes=10, days=2)
        for kind in ("passport", "driving_permit")
    )


@registry.register("counter")
class CounterProvider(OwnPageProvider):
    """A visit to a counter with a document, and staff who see both."""

    page = "counter"
    ways = tuple(
        Way(needs=frozenset({kind, "counter"}), evidence=((3, 3),), fraud=1, verification=3, minutes=40, days=3)
        for kind in ("passport", "driving_permit")
    )
