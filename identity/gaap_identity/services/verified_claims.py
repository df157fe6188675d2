"""The proven identity as ``verified_claims`` (OpenID Identity Assurance 1.0), for those who read no claims of ours."""

from typing import Any

from gaap_identity.conf import conf
from gaap_identity.models import CoreIdentity

#: The levels in the words of the framework that ``TRUST_FRAMEWORK`` names by default (GPG 45).
ASSURANCE = {"P1": "low", "P2": "medium", "P3": "high"}


def verified_claims(identity: CoreIdentity, *, level: str) -> dict[str, Any]:
    """Return name and date of birth with how they were verified, at the level that a service is told."""
    names = [name for name in identity.facts["names"] if not name["valid_until"]]
    parts = names[0]["parts"] if names else ()
    told = {
        "given_name": _joined(parts, "GivenName"),
        "family_name": _joined(parts, "FamilyName"),
        "birthdate": next(iter(identity.facts["birth_dates"]), ""),
    }
    return {
        "verification": {
            "trust_framework": conf.trust_framework,
            "assurance_level": ASSURANCE[level],
            "assurance_process": {"policy": "gpg45", "procedure": identity.profile},
            "time": identity.proven_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
        "claims": {name: value for name, value in told.items() if value},
    }


def _joined(parts: Any, kind: str) -> str:
    return " ".join(part["value"] for part in parts if part["type"] == kind)
