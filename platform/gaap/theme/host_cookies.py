"""Names of cookies: where the platform is served over TLS, no other host can set or receive ours."""

from gaap.conf import conf

PREFIX = "__Host-"


def cookie_name(name: str) -> str:
    """Return the name under which this deployment sets the cookie that the code calls ``name``.

    Browsers take a cookie with the prefix ``__Host-`` only over TLS, from the host itself, for the whole of it (RFC
    6265bis, 4.1.3.2), so neither a subdomain nor a plain connection can plant one.
    """
    return prefixed(name, is_https=conf.base_url.startswith("https://"))


def prefixed(name: str, *, is_https: bool) -> str:
    """Return ``name`` with the prefix when the public address is https, for settings that cannot be read yet."""
    return f"{PREFIX}{name}" if is_https else name
