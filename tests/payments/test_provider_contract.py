"""The shipped contract suite, run over every installed provider; those reached over the network have a peer here."""

from collections.abc import Iterator
from typing import Any

import pytest

from gaap_payments.testing.provider_contract import *  # noqa: F403
from tests.payments.stripe_peer import running_peer


@pytest.fixture(autouse=True)
def peers(settings: Any) -> Iterator[None]:
    """Peers in the place of the vendors."""
    with running_peer() as stripe:
        settings.GAAP_PAYMENTS_PROVIDER_ADDRESSES = {"stripe": stripe.address}
        yield
