"""Knowledge of data already held: what a citizen says is compared with what a register knows.

A register is a subclass of ``RegisterProvider`` in a file of its own with one method, ``look_up``. It is asked by
reference number and never searched by name, so that nobody can fish in it.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from gaap_identity import return_codes
from gaap_identity.providers.base import CheckResult, EvidenceItem, Facts, Name, NamePart, Way, registry
from gaap_identity.providers.own_pages import OwnPageProvider


@dataclass(frozen=True)
class RegisterEntry:
    """What a register knows of one person: how long it has known them (0 to 4, GPG 45), and who they are."""

    facts: Facts
    activity: int


class RegisterProvider(OwnPageProvider):
    """A register of ours or of another body's. Knowing what stands in it is weak proof, but its history counts."""

    page = "register"
    ways: ClassVar[tuple[Way, ...]] = (
        Way(needs=frozenset({"records"}), evidence=((2, 2),), activity=3, fraud=1, verification=1, minutes=3),
    )

    @abstractmethod
    def look_up(self, reference: str) -> RegisterEntry | None:
        """Return the entry with this reference number, None when there is none; raises ProviderError."""

    def result_for(self, entry: RegisterEntry) -> CheckResult:
        """Return what it proves that the citizen knew the entry."""
        return CheckResult(
            facts=entry.facts,
            evidence=(EvidenceItem("government_record", 2, 2),),
            activity=entry.activity,
            fraud=1,
            verification=1,
        )

    @staticmethod
    def mismatch() -> CheckResult:
        """Return what it means that the citizen did not know it."""
        return CheckResult(return_codes=(return_codes.NO_MATCH,), doubts=("D04",))


def _entry(given: str, family: str, born: str, *, activity: int) -> RegisterEntry:
    parts = (NamePart("GivenName", given), NamePart("FamilyName", family))
    return RegisterEntry(Facts(names=(Name(parts=parts),), birth_dates=(born,)), activity)


#: The register of the sandbox: reference numbers and the invented people they belong to.
SANDBOX_ENTRIES: Mapping[str, RegisterEntry] = {
    "GA-4471-93": _entry("Bronwen", "Adeyemi", "2005-10-08", activity=1),
    "GA-1092-18": _entry("Harriet", "Clarke", "1984-02-29", activity=3),
    "GA-7730-02": _entry("Ngọc", "Nguyễn", "1992-09-02", activity=2),
}


@registry.register("sandbox_register")
class SandboxRegister(RegisterProvider):
    """A register with three invented people, refused to live services."""

    is_sandbox: ClassVar[bool] = True

    def look_up(self, reference: str) -> RegisterEntry | None:
        """Return the invented person of this number."""
        return SANDBOX_ENTRIES.get(reference)
