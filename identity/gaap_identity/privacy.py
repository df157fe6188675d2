"""The personal data of citizens' accounts and identities."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from gaap.privacy.declarations import DataProtection, Personal, Purge, Reason
from gaap.privacy.people import Erasure, Subject, SubjectRecord
from gaap.privacy.retention_periods import Retention
from gaap_identity.models import Account, Consent, CoreIdentity
from gaap_identity.services.retention import (
    CHECKS,
    SIGN_INS,
    accounts_of,
    erase_accounts,
    purge_checks,
    purge_sign_ins,
)

_ACCOUNT = "until the account is erased"
_PERSON = Personal("Lets a citizen sign in, and sends them codes", Reason.PUBLIC_TASK, _ACCOUNT)
_PSEUDONYM = Personal("Gives each service a name for the citizen that no other one knows", Reason.PUBLIC_TASK, _ACCOUNT)
_REQUEST = Personal("Brings the citizen back to the service with the answer it asked for", Reason.PUBLIC_TASK, SIGN_INS)
_CODES = Personal("Tells the service why an identity could not be proved", Reason.PUBLIC_TASK, CHECKS)
_HUMAN = Personal(
    "Lets two people look at what a citizen shows; pictures go once it is settled", Reason.PUBLIC_TASK, CHECKS
)
_PROOF = Personal("Shows what a level of identity stands on, and what speaks against it", Reason.LEGAL_DUTY, _ACCOUNT)
_POWER = Personal(
    "Lets the person whom somebody chose to act for them find the offer",
    Reason.PUBLIC_TASK,
    "until the account of either goes",
)
_WISH = Personal(
    "Lets an operator decide what a service may ask citizens for", Reason.PUBLIC_TASK, "as long as the program"
)
CONSENT = ("claim", "given_at", "withdrawn_at", "released_at")
POWER = ("status", "scopes", "starts_on", "ends_on", "created_at", "finished_at")
OFFICE = ("is_entered", "created_at", "ended_at")
EVIDENCE = ("kind", "strength", "validity", "created_at", "expires_at")
SIGN_IN = ("status", "scopes", "claims", "vot", "created_at", "finished_at")
CHECK = ("provider", "status", "level", "profile", "return_codes", "created_at", "finished_at")


class IdentityDataProtection(DataProtection):
    """What Identity keeps."""

    personal: ClassVar[Mapping[str, Personal]] = {
        "gaap_identity.Account.subject": _PSEUDONYM,
        "gaap_identity.Account.subject_salt": _PSEUDONYM,
        "gaap_identity.Account.email": _PERSON,
        "gaap_identity.Account.email_digest": _PERSON,
        "gaap_identity.Account.password": _PERSON,
        "gaap_identity.Account.phone": _PERSON,
        "gaap_identity.Account.language": Personal(
            "Shows pages in the citizen's language", Reason.PUBLIC_TASK, _ACCOUNT
        ),
        "gaap_identity.BrowserSession.data": Personal(
            "Remembers one browser between two pages", Reason.PUBLIC_TASK, "an hour from the last page"
        ),
        "gaap_identity.Passkey.credential_id": _PERSON,
        "gaap_identity.Passkey.credential": _PERSON,
        "gaap_identity.Passkey.name": _PERSON,
        "gaap_identity.AuthenticatorApp.secret": _PERSON,
        "gaap_identity.RecoveryCode.digest": _PERSON,
        "gaap_identity.HumanCheck.told": _HUMAN,
        "gaap_identity.HumanCheck.picture": _HUMAN,
        "gaap_identity.HumanCheck.portrait": _HUMAN,
        "gaap_identity.HumanCheck.code": _HUMAN,
        "gaap_identity.HumanCheck.code_digest": _HUMAN,
        "gaap_identity.HumanCheck.reason": _CODES,
        "gaap_identity.Consent.claim": Personal(
            "Remembers what a citizen lets each service know", Reason.LEGAL_DUTY, _ACCOUNT
        ),
        "gaap_identity.OneTimeCode.recipient": Personal(
            "Knows whose address a code proves", Reason.SECURITY, "15 minutes"
        ),
        "gaap_identity.SignIn.state": _REQUEST,
        "gaap_identity.SignIn.nonce": _REQUEST,
        "gaap_identity.SignIn.return_codes": _REQUEST,
        "gaap_identity.SignIn.hinted_subject": _REQUEST,
        "gaap_identity.LogoutNotice.subject": Personal(
            "Tells a service which citizen signed out", Reason.PUBLIC_TASK, "7 days from the last try"
        ),
        "gaap_identity.SecurityNotice.subject": Personal(
            "Tells a service whose account is in danger or gone", Reason.SECURITY, "7 days from the last try"
        ),
        "gaap_identity.PushedRequest.parameters": Personal(
            "Holds what a service asks for, and perhaps whom it expects, until the browser comes",
            Reason.PUBLIC_TASK,
            "90 seconds",
        ),
        "gaap_identity.IdentityCheck.return_codes": _CODES,
        "gaap_identity.IdentityCheck.level": _CODES,
        "gaap_identity.IdentityCheck.profile": _CODES,
        "gaap_identity.Evidence.kind": Personal(
            "Shows on which evidence a level of identity stands", Reason.LEGAL_DUTY, _ACCOUNT
        ),
        "gaap_identity.Doubt.code": _PROOF,
        "gaap_identity.CoreIdentity.profile": _PROOF,
        "gaap_identity.CoreIdentity.level": Personal(
            "Says how surely the citizen is who they say", Reason.PUBLIC_TASK, _ACCOUNT
        ),
        "gaap_identity.CoreIdentity.facts": Personal(
            "Tells a service who the citizen is: names, date of birth, addresses, documents",
            Reason.PUBLIC_TASK,
            _ACCOUNT,
        ),
        "gaap_identity.PermissionRequest.reason": _WISH,
        "gaap_identity.PermissionRequest.answer": _WISH,
        "gaap_identity.Power.email": _POWER,
        "gaap_identity.Power.email_digest": _POWER,
        "gaap_identity.LogoutNotice.actor_subject": Personal(
            "Tells a service who acted for the citizen who signed out", Reason.PUBLIC_TASK, "7 days from the last try"
        ),
        "gaap_identity.TryCounter.subject_digest": Personal(
            "Keeps passwords and codes from being guessed", Reason.SECURITY, "until the lock ends"
        ),
    }
    impersonal: ClassVar[Mapping[str, str]] = {
        "gaap_identity.BrowserSession": "token_digest vot",
        "gaap_identity.OneTimeCode": "digest",
        "gaap_identity.FactorReset": "status",
        "gaap_identity.HumanCheck": "status proposed_by settled_by",
        "gaap_identity.EvidenceSource": "identifier name provider options secret highest_level",
        "gaap_identity.SourceDay": "source day",
        "gaap_identity.Client": (
            "client_id redirect_uris post_logout_redirect_uris name allowed_origins client_type "
            "authorization_grant_type client_secret public_key jwks_uri scopes claims levels granted_levels "
            "granted_claims sector_identifier back_channel_logout_uri security_events_uri"
        ),
        "gaap_identity.SignIn": (
            "status redirect_uri scopes claims credential_level identity_levels prompts "
            "response_mode code_challenge vot"
        ),
        "gaap_identity.LogoutNotice": "status",
        "gaap_identity.SecurityNotice": "reason status",
        "gaap_identity.PushedRequest": "reference_digest",
        "gaap_identity.PermissionRequest": "status levels claims",
        "gaap_identity.SandboxUser": "persona",
        "gaap_identity.Simulation": "persona authorize_error token_error userinfo_error faults claims company",
        "gaap_identity.IdentityCheck": "provider state_digest status",
        "gaap_identity.SigningKey": "kid algorithm private_pem public_jwk",
        "gaap_identity.Company": "subject subject_salt name country number",
        "gaap_identity.PowerScope": "identifier name names",
        "gaap_identity.Power": "scopes status starts_on ends_on",
        "gaap_identity.TryCounter": "purpose",
        "gaap_identity.AuthorizationCode": "code redirect_uri scope code_challenge nonce claims resource",
        "gaap_identity.AccessToken": "token token_checksum scope resource",
        "gaap_identity.RefreshToken": "token token_checksum resource",
        "gaap_identity.IDToken": "scope",
        "gaap_identity.UsedAssertion": "jti_digest",
        "oauth2_provider.DeviceGrant": "device_code user_code scope client_id",
    }

    def retentions(self) -> Iterable[Retention]:
        """Return what a service may choose of Identity's."""
        return SIGN_INS, CHECKS

    def purges(self) -> Iterable[Purge]:
        """Forget sign-ins and identity checks."""
        return Purge("sign-ins", purge_sign_ins), Purge("identity checks", purge_checks)

    def widen(self, subject: Subject) -> Subject:
        """Add the address and the number of the person's accounts."""
        accounts = list(accounts_of(subject))
        return subject.with_more(
            emails=[account.email for account in accounts],
            phones=[account.phone for account in accounts],
            accounts=[account.pk for account in accounts],
        )

    def records_of(self, subject: Subject) -> Iterable[SubjectRecord]:
        """Return accounts, proven identities, sign-ins and checks."""
        for account in accounts_of(subject):
            yield SubjectRecord("account", account, ("email", "phone", "second_factor", "language", "created_at"))
            for core in CoreIdentity.objects.filter(account=account):
                yield SubjectRecord("core_identity", core, ("level", "facts", "proven_at"))
            for consent in Consent.objects.filter(account=account).select_related("service"):
                yield SubjectRecord("consent", consent, CONSENT, service=str(consent.service))
            yield from _powers_of(account)
            for evidence in account.evidence.all():
                yield SubjectRecord("evidence", evidence, EVIDENCE)
            for passkey in account.passkeys.all():
                yield SubjectRecord("passkey", passkey, ("name", "created_at", "last_used_at"))
            for sign_in in account.sign_ins.select_related("service"):
                yield SubjectRecord("sign_in", sign_in, SIGN_IN, service=str(sign_in.service))
            for check in account.checks.select_related("service").prefetch_related("evidence"):
                kinds = {"evidence": [shown.kind for shown in check.evidence.all()]}
                yield SubjectRecord("identity_check", check, CHECK, service=str(check.service), further=kinds)

    def erase(self, subject: Subject) -> Iterable[Erasure]:
        """Erase the accounts and all that hangs on them."""
        return (Erasure("account", erased=erase_accounts(subject)),)


def _powers_of(account: Account) -> Iterable[SubjectRecord]:
    for office in account.offices.select_related("company"):
        yield SubjectRecord("office", office, OFFICE, further={"company": str(office.company)})
    for given in account.powers_given.select_related("service"):
        yield SubjectRecord("power_given", given, ("email", *POWER), service=str(given.service))
    for held in account.powers_held.select_related("service"):
        yield SubjectRecord("power_held", held, POWER, service=str(held.service))
