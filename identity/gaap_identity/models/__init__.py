"""The nouns of Identity."""

from gaap_identity.models.accounts import Account
from gaap_identity.models.browsers import BrowserSession, OneTimeCode
from gaap_identity.models.clients import Client
from gaap_identity.models.consents import Consent
from gaap_identity.models.factors import AuthenticatorApp, FactorReset, Passkey, RecoveryCode
from gaap_identity.models.human_checks import HumanCheck
from gaap_identity.models.identity import CoreIdentity, IdentityCheck
from gaap_identity.models.keys import SigningKey
from gaap_identity.models.limits import TryCounter
from gaap_identity.models.logouts import LogoutNotice
from gaap_identity.models.permissions import PermissionRequest
from gaap_identity.models.powers import Company, CompanyOfficer, Power, PowerScope
from gaap_identity.models.proofs import Corroboration, Doubt, Evidence
from gaap_identity.models.pushed_requests import PushedRequest
from gaap_identity.models.sandbox_users import SandboxUser
from gaap_identity.models.security_notices import SecurityNotice
from gaap_identity.models.sign_ins import SignIn
from gaap_identity.models.simulations import Simulation
from gaap_identity.models.sources import EvidenceSource, SourceDay
from gaap_identity.models.tokens import AccessToken, AuthorizationCode, IDToken, RefreshToken, UsedAssertion

__all__ = [
    "AccessToken",
    "Account",
    "AuthenticatorApp",
    "AuthorizationCode",
    "BrowserSession",
    "Client",
    "Company",
    "CompanyOfficer",
    "Consent",
    "CoreIdentity",
    "Corroboration",
    "Doubt",
    "Evidence",
    "EvidenceSource",
    "FactorReset",
    "HumanCheck",
    "IDToken",
    "IdentityCheck",
    "LogoutNotice",
    "OneTimeCode",
    "Passkey",
    "PermissionRequest",
    "Power",
    "PowerScope",
    "PushedRequest",
    "RecoveryCode",
    "RefreshToken",
    "SandboxUser",
    "SecurityNotice",
    "SignIn",
    "SigningKey",
    "Simulation",
    "SourceDay",
    "TryCounter",
    "UsedAssertion",
]
