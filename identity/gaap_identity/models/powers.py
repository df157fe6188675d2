"""Acting for another: what operators let people grant, companies, and the powers that were granted (ADR 0061)."""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gaap.clock import now
from gaap.crypto import EncryptedTextField
from gaap.identifiers import new_uuid
from gaap.organisations.models import Service
from gaap_identity.models.accounts import Account, new_subject
from gaap_identity.states import POWER


def today() -> date:
    """Return today's date where the deployment is; powers begin and end with a day there."""
    return localtime(now()).date()


class Company(models.Model):
    """A company that somebody may act for, from its register: entered by operators, or looked up for an officer.

    ``is_sandbox`` says that it is invented, so that it counts at trial services alone.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    subject = models.CharField(max_length=64, unique=True, default=new_subject, editable=False)
    subject_salt = models.CharField(max_length=64, default=new_subject, editable=False)
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(
        _("country"), max_length=2, default="", db_default="", blank=True, help_text=_("Two letters (ISO 3166-1): GB.")
    )
    number = models.CharField(_("number in the register"), max_length=50)
    is_sandbox = models.BooleanField(_("invented"), default=False, db_default=False, editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            models.UniqueConstraint(fields=["country", "number", "is_sandbox"], name="gaap_identity_company_once"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class OfficerQuerySet(models.QuerySet["CompanyOfficer"]):
    """Officers, narrowed by whether they still are."""

    def in_office(self) -> Self:
        """Those who may speak for their company."""
        return self.filter(ended_at=None)


class CompanyOfficer(models.Model):
    """Somebody who speaks for a company: by what its register says, or by an operator's word (``is_entered``)."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="officers", verbose_name=_("company"))
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="offices")
    is_entered = models.BooleanField(_("confirmed by an operator"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    ended_at = models.DateTimeField(_("finished"), null=True, editable=False)

    objects = OfficerQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("officer of a company")
        verbose_name_plural = _("officers of companies")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "account"], condition=models.Q(ended_at=None), name="gaap_identity_officer_once"
            ),
        ]

    def __str__(self) -> str:
        return f"officer {self.pk}"


class PowerScope(models.Model):
    """One thing that somebody may be let do for another at a service."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", verbose_name=_("service"))
    identifier = models.SlugField(_("identifier"), help_text=_("As the service reads it in tokens."))
    name = models.CharField(_("name"), max_length=200, help_text=_("As citizens read it: “Renew the registration”."))
    names = models.JSONField(
        _("name in other languages"), default=dict, blank=True, help_text=_('By language: {"cy": "…", "vi": "…"}')
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["service__name", "identifier"]
        verbose_name = _("power that can be granted")
        verbose_name_plural = _("powers that can be granted")
        constraints = [models.UniqueConstraint(fields=["service", "identifier"], name="gaap_identity_power_scope_once")]

    def __str__(self) -> str:
        return str(self.identifier)

    def clean(self) -> None:
        """Refuse names that are no texts by language."""
        names = self.names
        if not isinstance(names, dict) or not all(isinstance(text, str) for text in names.values()):
            raise ValidationError({"names": _("Give a text for each language.")})

    @property
    def words(self) -> str:
        """The name in the reader's language."""
        return str(self.names.get(get_language() or "", "") or self.name)


class PowerQuerySet(models.QuerySet["Power"]):
    """Powers, narrowed by whose they are and whether they count today."""

    def in_force(self) -> Self:
        """Powers that were accepted and that count today; an invented company's count at no live service.

        Those of a disabled account do not count: whoever took it over may have given them to themselves.
        """
        day = today()
        accepted = self.filter(status="accepted", starts_on__lte=day, ends_on__gte=day, giver__disabled_at=None)
        return accepted.exclude(company__is_sandbox=True, service__is_live=True)

    def offered_to(self, account: Account) -> Self:
        """Powers that wait for the answer of ``account``, and whose time is not over."""
        return self.filter(status="offered", email_digest=account.email_digest, ends_on__gte=today())

    def with_people(self) -> Self:
        """Powers with all that their names are read from, in one query."""
        return self.select_related("service", "company", "giver__core_identity", "actor")


class Power(models.Model):
    """What one person may do for another, or for a company, at one service and between two days (both included)."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", verbose_name=_("service"))
    giver = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, blank=True, related_name="powers_given")
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, blank=True, related_name="powers", verbose_name=_("company")
    )
    appointed_by = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, editable=False, related_name="+")
    actor = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="powers_held")
    email = EncryptedTextField(_("email address"), help_text=_("As the giver wrote it; it is theirs to remember."))
    email_digest = models.CharField(max_length=64, db_index=True, editable=False)
    scopes = models.JSONField(_("what it allows"), default=list)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    status = models.CharField(_("status"), max_length=20, default=POWER.initial)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    objects = PowerQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("power to act for another")
        verbose_name_plural = _("powers to act for another")
        constraints = [
            POWER.check_constraint("gaap_identity_power_status"),
            models.CheckConstraint(
                condition=models.Q(giver__isnull=False, company__isnull=True)
                | models.Q(giver__isnull=True, company__isnull=False),
                name="gaap_identity_power_of_one",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="gaap_identity_power_days"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="accepted") | models.Q(actor__isnull=False), name="gaap_identity_power_actor"
            ),
        ]

    def __str__(self) -> str:
        return f"power {self.pk}"

    @property
    def is_in_force(self) -> bool:
        """True when it was accepted and counts today, as ``PowerQuerySet.in_force`` has it."""
        if self.giver is not None and self.giver.disabled_at is not None:
            return False
        if self.company is not None and self.company.is_sandbox and self.service.is_live:
            return False
        return self.status == "accepted" and self.starts_on <= today() <= self.ends_on

    @property
    def represented(self) -> Account | Company:
        """Whom it lets somebody act for."""
        found = self.giver or self.company
        if found is None:
            raise TypeError("A power is a person's or a company's.")
        return found
