"""Another identity provider, over HTTP on loopback: an OpenID provider that can be honest, down, slow, or lie."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.loopback import QuietHandler, serve

CLIENT_ID = "the-platform"
SECRET = "shared with the source"
PERSON = {"sub": "peer-77", "given_name": "Ngọc", "family_name": "Nguyễn", "birthdate": "1992-09-02"}


@dataclass
class Peer:
    """What the provider knows and how it behaves. ``lies`` are claims of the ID token that it gets wrong."""

    issuer: str = ""
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "peer-1"}))
    acr: str = "substantial"
    lies: dict[str, Any] = field(default_factory=dict)
    signs_with: ECKey | None = None
    userinfo_subject: str = PERSON["sub"]
    status: int = 200
    delay_seconds: float = 0
    discovery_issuer: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    token_form: dict[str, str] = field(default_factory=dict)

    def visit(self, address: str) -> dict[str, str]:
        """Be the browser on the provider's page: sign in there and return what is carried back."""
        self.asked = dict(parse_qsl(urlsplit(address).query))
        return {"state": self.asked["state"], "code": "good", "iss": self.issuer}

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.discovery_issuer or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
        }

    def id_token(self) -> str:
        moment = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": PERSON["sub"],
            "iat": moment,
            "exp": moment + 60,
            "nonce": self.asked.get("nonce"),
            "acr": self.acr,
        }
        told = {name: value for name, value in {**claims, **self.lies}.items() if value is not None}
        key = self.signs_with or self.key
        return jwt.encode({"alg": "ES256", "kid": "peer-1"}, told, key, algorithms=["ES256"])

    def answer(self, path: str) -> dict[str, Any]:
        if path == "/token":
            return {"access_token": "peer-token", "token_type": "Bearer", "id_token": self.id_token()}
        if path == "/userinfo":
            return {**PERSON, "sub": self.userinfo_subject}
        return {"keys": [self.key.as_dict(private=False)]} if path == "/jwks" else self.discovery()


class _Handler(QuietHandler):
    peer: Peer

    def do_GET(self) -> None:
        peer, path, form = self.peer, urlsplit(self.path).path, self.read_body()
        if form:
            peer.token_form = dict(parse_qsl(form.decode()))
        if path in ("/token", "/userinfo"):
            time.sleep(peer.delay_seconds)
        self.send_json(peer.status if path == "/token" else 200, peer.answer(path))

    do_POST = do_GET


@contextmanager
def running_peer() -> Iterator[Peer]:
    """Run a provider for as long as the block lasts."""
    peer = Peer()
    with serve(_Handler, peer=peer) as peer.issuer:
        yield peer
