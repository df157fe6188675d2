"""The contract suite of evidence providers.

It runs over every provider that the registry finds, so a new one is tested without another line. In a test module of
your own: ``from gaap_identity.testing.evidence_contract import *``. It needs pytest-django.
"""

from urllib.parse import urlsplit

import pytest

from gaap.providers.errors import ProviderError
from gaap_identity.openid.addresses import endpoint
from gaap_identity.providers.base import CheckRequest, EvidenceProvider, ProviderSetup, registry

__all__ = ["TestEvidenceContract", "evidence_provider"]

REQUEST = CheckRequest(
    return_url="https://platform.example/prove-identity/return/x", state="s-1~", levels=("P1", "P2"), language="vi"
)


@pytest.fixture(params=registry.identifiers())
def evidence_provider(request: pytest.FixtureRequest) -> EvidenceProvider:
    """Each provider that is installed."""
    return registry.get(request.param)()


class TestEvidenceContract:
    """What holds for every provider."""

    def test_begin_sends_the_browser_to_an_address_of_its_own_for_each_state(
        self, evidence_provider: EvidenceProvider
    ) -> None:
        """Two citizens never share an address, and the address is whole."""
        try:
            address = evidence_provider.begin(REQUEST)
        except ProviderError:
            assert evidence_provider.setup == ProviderSetup(), "one that is set up begins"
            return
        other = CheckRequest(return_url=REQUEST.return_url, state="s-2~", levels=REQUEST.levels, language="en")
        assert urlsplit(address).scheme in ("https", "http")
        assert urlsplit(address).netloc
        assert address != evidence_provider.begin(other)
        assert address.startswith((endpoint(""), *evidence_provider.page_origins()))

    def test_nothing_brought_back_proves_nobody(self, evidence_provider: EvidenceProvider) -> None:
        """An empty answer is refused, or tells why nobody was identified."""
        try:
            result = evidence_provider.parse_result({})
        except ProviderError:
            return
        assert result.facts is None
        assert result.return_codes

    def test_its_examples_can_be_judged(self, evidence_provider: EvidenceProvider) -> None:
        """Each example names somebody or says why not, never neither."""
        for parameters in evidence_provider.examples:
            result = evidence_provider.parse_result(parameters)
            assert bool(result.return_codes) == (result.facts is None)
