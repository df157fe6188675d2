"""A program that signs one person in, for trying a new client out."""

from urllib.parse import urlsplit

from gaap.contributions import Snippet
from gaap_identity.models import Client

PROGRAM = """\
python3 - <<'PYTHON'
import http.server, json, secrets, threading
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

BASE = "{base_url}"
CLIENT = {{"client_id": "{client_id}", "redirect_uri": "{redirect_uri}"}}
STATE = secrets.token_urlsafe(16)
ASKED = {{"response_type": "code", "scope": "openid email", "state": STATE, "nonce": secrets.token_urlsafe(16)}}
print("Open in a browser:", BASE + "/authorize?" + urlencode({{**ASKED, **CLIENT}}), flush=True)


class Callback(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answer = dict(parse_qsl(urlsplit(self.path).query))
        assert answer.get("state") == STATE and "code" in answer, answer
        code = {{"grant_type": "authorization_code", "code": answer["code"], "client_secret": "{secret}"}}
        token = json.load(urlopen(BASE + "/token", urlencode({{**code, **CLIENT}}).encode()))["access_token"]
        person = json.load(urlopen(Request(BASE + "/userinfo", headers={{"Authorization": "Bearer " + token}})))
        print(json.dumps(person, indent=2), flush=True)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Signed in. The terminal shows who.")
        threading.Thread(target=self.server.shutdown).start()


http.server.ThreadingHTTPServer(("{host}", {port}), Callback).serve_forever()
PYTHON"""


def first_sign_in(client: Client, *, secret: str, base_url: str, title: str) -> Snippet | None:
    """Return a program that signs one person in with ``secret``, or None when citizens come back to no local port."""
    for address in client.redirect_uri_list:
        parts = urlsplit(address)
        if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost") and parts.port:
            code = PROGRAM.format(
                base_url=base_url.rstrip("/"),
                client_id=client.client_id,
                redirect_uri=address,
                secret=secret,
                host=parts.hostname,
                port=parts.port,
            )
            return Snippet(title, "sh", code)
    return None
