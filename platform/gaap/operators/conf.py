"""The settings of the operators' admin, read in one place."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from gaap.conf import conf as kernel_conf

PASSWORD_ONLY = "gaap.operators.sign_in.PasswordSignIn"  # noqa: S105 - a class's path


@dataclass(frozen=True)
class OperatorConf:
    """A view of the settings; nothing is cached, so tests may override settings freely."""

    @property
    def sign_in(self) -> str:
        """Path of the ``SignIn`` that lets operators in (``GAAP_OPERATOR_SIGN_IN``)."""
        return str(getattr(settings, "GAAP_OPERATOR_SIGN_IN", PASSWORD_ONLY))

    @property
    def needs_second_factor(self) -> bool:
        """True when no operator gets in without a second factor (``GAAP_OPERATOR_MFA``).

        The default everywhere but on an embedded instance, and where the sign-in knows of none.
        """
        default = self.sign_in != PASSWORD_ONLY and not kernel_conf.is_embedded
        return bool(getattr(settings, "GAAP_OPERATOR_MFA", default))

    @property
    def stuck_after(self) -> timedelta:
        """How long work may be overdue before the dashboard shows it (``GAAP_STUCK_AFTER_SECONDS``)."""
        return timedelta(seconds=float(getattr(settings, "GAAP_STUCK_AFTER_SECONDS", 300)))

    @property
    def idle_limit(self) -> timedelta:
        """How long staff may do nothing before they have to sign in again (``GAAP_STAFF_IDLE_MINUTES``)."""
        return timedelta(minutes=float(getattr(settings, "GAAP_STAFF_IDLE_MINUTES", 60)))

    @property
    def session_lifetime(self) -> timedelta:
        """How long after signing in staff have to sign in again, whatever they do (``GAAP_STAFF_SESSION_HOURS``)."""
        return timedelta(hours=float(getattr(settings, "GAAP_STAFF_SESSION_HOURS", 12)))


conf = OperatorConf()
