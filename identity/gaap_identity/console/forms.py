"""Forms about the programs of a service that sign citizens in."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gaap_identity.jose import read_public_key
from gaap_identity.models import Client
from gaap_identity.openid.subjects import sector_host

TRY_OUT = "http://127.0.0.1:9999/callback"
OWN_MACHINE = ("127.0.0.1", "localhost", "::1")


class NewClientForm(forms.Form):
    """Asks where citizens come back to, and how the program proves itself."""

    redirect_uris = forms.CharField(
        label=gettext_lazy("Addresses to which citizens come back"),
        help_text=gettext_lazy("One on each line, written exactly as your program sends them."),
        initial=TRY_OUT,
        max_length=4000,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter at least one address")},
    )
    public_key = forms.CharField(
        label=gettext_lazy("Public key"),
        help_text=gettext_lazy(
            "As PEM, if your program signs with a private key. It may then ask for proof of identity. "
            "Leave this empty and we make a secret for you, which is enough for signing in."
        ),
        max_length=8000,
        required=False,
        strip=True,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_redirect_uris(self) -> list[str]:
        """Refuse addresses to which no citizen could safely be sent."""
        return safe_addresses(self.cleaned_data["redirect_uris"])

    def clean_public_key(self) -> str:
        """Refuse what is no public key."""
        return checked_key(self.cleaned_data["public_key"])


class ChangeClientForm(forms.ModelForm[Client]):
    """Asks what a program's own team may change. Levels, claims and scopes are for operators."""

    class Meta:
        model = Client
        fields = (
            "name",
            "redirect_uris",
            "post_logout_redirect_uris",
            "back_channel_logout_uri",
            "security_events_uri",
            "public_key",
            "jwks_uri",
            "algorithm",
            "is_pkce_required",
            "is_jar_required",
            "is_max_age_allowed",
            "is_standard",
            "is_active",
        )
        labels: ClassVar[dict[str, Any]] = {
            "name": gettext_lazy("Name"),
            "redirect_uris": gettext_lazy("Addresses to which citizens come back"),
            "post_logout_redirect_uris": gettext_lazy("Addresses to which citizens come after signing out"),
            "public_key": gettext_lazy("Public key"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "redirect_uris": gettext_lazy("One on each line, written exactly as your program sends them."),
            "post_logout_redirect_uris": gettext_lazy("One on each line, written exactly as your program sends them."),
        }
        widgets: ClassVar[dict[str, Any]] = {
            "redirect_uris": forms.Textarea({"rows": 3, "spellcheck": "false"}),
            "post_logout_redirect_uris": forms.Textarea({"rows": 3, "spellcheck": "false"}),
            "public_key": forms.Textarea({"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show one address on each line, and no key for a program with a secret."""
        super().__init__(*args, **kwargs)
        for name in ("redirect_uris", "post_logout_redirect_uris"):
            self.initial[name] = "\n".join(str(self.initial[name]).split())
        if self.instance.auth_method != Client.AuthMethod.PRIVATE_KEY_JWT:
            del self.fields["public_key"], self.fields["jwks_uri"]

    def clean_redirect_uris(self) -> str:
        """Refuse addresses to which no citizen could safely be sent."""
        return " ".join(safe_addresses(self.cleaned_data["redirect_uris"]))

    def clean(self) -> dict[str, Any]:
        """Refuse addresses of another host: every citizen's ``sub`` is made for the host that stands."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        client: Client = self.instance
        after = sector_host(client.sector_identifier, redirect_uris=values.get("redirect_uris", "").split())
        is_pairwise = client.subject_type == Client.SubjectType.PAIRWISE
        if "redirect_uris" in values and is_pairwise and after != client.sector_host:
            text = _("With an address on another host, every citizen would be somebody else to you: ask an operator")
            self.add_error("redirect_uris", forms.ValidationError(text, code="sector"))
        return values

    def clean_post_logout_redirect_uris(self) -> str:
        """Refuse addresses to which no citizen could safely be sent."""
        return " ".join(safe_addresses(self.cleaned_data["post_logout_redirect_uris"]))

    def clean_back_channel_logout_uri(self) -> str:
        """Refuse an address that nobody's sign-out should be told to."""
        return " ".join(safe_addresses(self.cleaned_data["back_channel_logout_uri"]))

    def clean_security_events_uri(self) -> str:
        """Refuse an address that nobody's troubles should be told to."""
        return " ".join(safe_addresses(self.cleaned_data["security_events_uri"]))

    def clean_public_key(self) -> str:
        """Refuse what is no public key."""
        return checked_key(self.cleaned_data["public_key"])


def safe_addresses(text: str) -> list[str]:
    """Return the addresses in ``text``; raises ValidationError when citizens could not safely be sent to one."""
    addresses = text.split()
    for address in addresses:
        if not _is_safe(address):
            raise forms.ValidationError(
                _("%(address)s is no https address without a fragment, nor one on your own machine"),
                params={"address": address},
                code="address",
            )
    return addresses


def checked_key(text: str) -> str:
    """Return ``text`` when it is empty or a public key as PEM; raises ValidationError."""
    if text and read_public_key(text) is None:
        raise forms.ValidationError(_("This is no PEM of an RSA or P-256 public key"), code="key")
    return text


def _is_safe(address: str) -> bool:
    """Tell whether codes may be sent to ``address``: by https, or by http to the developer's own machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    is_local = parts.scheme == "http" and host in OWN_MACHINE
    return bool(host) and (parts.scheme == "https" or is_local) and "#" not in address
