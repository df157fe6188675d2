"""Postal addresses: one set of rules for each country that letters are sent from."""

from gaap_notify.recipients.postal.base import AddressError, AddressRules, PostalAddress
from gaap_notify.recipients.postal.registry import rules_for

__all__ = ["AddressError", "AddressRules", "PostalAddress", "rules_for"]
