"""Where the endpoints are. Relying parties join the issuer and a word, so the issuer ends in a slash (contract A.1)."""

from urllib.parse import urlencode, urlsplit

from gaap.conf import conf


def issuer() -> str:
    """Return the issuer of every token: the root of this host."""
    return conf.base_url


def endpoint(path: str) -> str:
    """Return the address of an endpoint, e.g. of ``token``."""
    return issuer() + path


def trustmark() -> str:
    """Return the address that ``vtm`` names."""
    return endpoint("trustmark")


def did() -> str:
    """Return the DID whose document holds the core identity keys (did:web; the colon of a port is encoded)."""
    return "did:web:" + urlsplit(issuer()).netloc.replace(":", "%3A")


def redirect_address(redirect_uri: str, *, parameters: dict[str, str], response_mode: str = "query") -> str:
    """Return ``redirect_uri`` with ``parameters`` added to its query, or as its fragment."""
    encoded = urlencode(parameters)
    if response_mode == "fragment":
        return f"{redirect_uri}#{encoded}"
    return f"{redirect_uri}{'&' if urlsplit(redirect_uri).query else '?'}{encoded}"


def answer_address(
    redirect_uri: str, *, parameters: dict[str, str], state: str = "", response_mode: str = "query"
) -> str:
    """Return where an authorization answer goes, with ``parameters``, the client's ``state`` if any, and our name.

    ``iss`` lets a client that knows several providers tell their answers apart (RFC 9207).
    """
    told = {**parameters, **({"state": state} if state else {}), "iss": issuer()}
    return redirect_address(redirect_uri, parameters=told, response_mode=response_mode)
