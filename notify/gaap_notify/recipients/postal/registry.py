"""Which rules hold where. Another country's rules are one file and one entry."""

from collections.abc import Mapping

from gaap_notify.recipients.postal.base import AddressRules
from gaap_notify.recipients.postal.united_kingdom import UnitedKingdomRules
from gaap_notify.recipients.postal.viet_nam import VietNamRules

_RULES: Mapping[str, type[AddressRules]] = {rules.region: rules for rules in (UnitedKingdomRules, VietNamRules)}


def rules_for(region: str) -> AddressRules:
    """Return the rules for letters sent from ``region`` (ISO 3166); where none are written, the general ones."""
    rules = _RULES.get(region, AddressRules)()
    rules.region = region
    return rules
