"""Registers of companies: who stands behind a company's number, and who are its officers.

A register is a subclass of ``CompanyRegister`` with one method. It is asked by number and never searched by name.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gaap.providers.errors import ProviderError
from gaap.providers.registry import Registry
from gaap_identity.providers.base import Facts
from gaap_identity.providers.personas import BY_IDENTIFIER


@dataclass(frozen=True)
class CompanyEntry:
    """What a register knows of one company: its name, and names and dates of birth of its present officers."""

    name: str
    officers: tuple[Facts, ...]


class CompanyRegister(ABC):
    """A register of companies. It sees no model, no request and no transaction."""

    #: True when its companies are invented; they count at trial services alone, and never in production.
    is_sandbox: ClassVar[bool] = False
    #: The countries (ISO 3166-1 alpha-2) whose companies it knows, with their names for citizens.
    countries: ClassVar[Mapping[str, Promise | str]]

    @abstractmethod
    def look_up(self, country: str, number: str) -> CompanyEntry | None:
        """Return the company in force with this number, None when there is none; raises ProviderError.

        ``number`` is in capitals, without spaces.
        """


registry: Registry[CompanyRegister] = Registry(
    "company register", package="gaap_identity.providers", entry_point_group="gaap_identity.company_registers"
)


def _persona(identifier: str) -> Facts:
    facts = BY_IDENTIFIER[identifier].result.facts
    if facts is None:
        raise TypeError("Officers of sandbox companies are personas who can prove who they are.")
    return facts


#: The companies of the sandbox, by country and number. Their officers are personas.
SANDBOX_COMPANIES: Mapping[tuple[str, str], CompanyEntry] = {
    ("GB", "09990001"): CompanyEntry("Clarke and Rhŷs Haulage", (_persona("harriet"), _persona("llyr"))),
    ("VN", "0109990002"): CompanyEntry("Vận tải Hồng Hà", (_persona("ngoc"),)),
    ("GB", "09990004"): CompanyEntry("Mensah Motors", (_persona("abena"),)),
}
#: The number for which the sandbox does not answer.
SILENT = "09990003"


@registry.register("sandbox")
class SandboxCompanyRegister(CompanyRegister):
    """A register of invented companies."""

    is_sandbox: ClassVar[bool] = True
    countries: ClassVar[Mapping[str, Promise | str]] = {"GB": _("United Kingdom"), "VN": _("Vietnam")}

    def look_up(self, country: str, number: str) -> CompanyEntry | None:
        """Return the invented company of this number."""
        if number == SILENT:
            raise ProviderError("The sandbox register does not answer for this number.", permanent=False)
        return SANDBOX_COMPANIES.get((country, number))
