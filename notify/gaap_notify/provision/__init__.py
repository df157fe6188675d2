"""The ``notify`` section of a provisioning file."""

from gaap_notify.provision.applying import apply
from gaap_notify.provision.checks import check
from gaap_notify.provision.schema import SCHEMA

__all__ = ["SCHEMA", "apply", "check"]
