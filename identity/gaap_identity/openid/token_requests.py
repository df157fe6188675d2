"""What a token request must hold before anybody looks at who sends it (contract A.4)."""

from collections.abc import Mapping

from gaap_identity.errors import TokenRefusedError

GRANT_TYPE = "authorization_code"


def check_form(form: Mapping[str, str]) -> None:
    """Raise TokenRefusedError unless ``form`` redeems a code at an address."""
    if not form.get("grant_type"):
        raise TokenRefusedError("invalid_request", "Request is missing grant_type parameter")
    if form["grant_type"] != GRANT_TYPE:
        raise TokenRefusedError("unsupported_grant_type", "Unsupported grant type")
    for name in ("redirect_uri", "code"):
        if not form.get(name):
            raise TokenRefusedError("invalid_request", f"Request is missing {name} parameter")
