"""Renew a vehicle registration: a whole digital service, as a service team would write it.

It learns who the citizen is (OpenID Connect, with Authlib), takes a payment (a REST API, with requests) and tells the
citizen about it (email and text, with notifications-python-client). README.md says how to run it.
"""

import json
import os
import re
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import requests
import waitress
from authlib.integrations.flask_client import OAuth, OAuthError
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from flask import Flask, Response, g, redirect, render_template, request, session, url_for
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

SUITE_URL = os.environ.get("SUITE_URL", "http://127.0.0.1:8000/")
PORT = int(os.environ.get("PORT", "8001"))
PUBLIC_URL = os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{PORT}")
API_KEY = os.environ["API_KEY"]
CLIENT_ID = os.environ["CLIENT_ID"]
PRIVATE_KEY = Path(os.environ["PRIVATE_KEY_FILE"]).read_text(encoding="ascii")
DATABASE = os.environ.get("DATABASE", "renewals.sqlite3")
CURRENCY = os.environ.get("CURRENCY", "GBP")

FEES = {"GBP": 5400, "VND": 1_350_000}  # in the currency's smallest unit: pence, dong
WORDS: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
CORE_IDENTITY = "https://vocab.account.gov.uk/v1/coreIdentityJWT"
TIMEOUT_SECONDS = 15

app = Flask(__name__)
app.secret_key = os.environ.get("SESSION_SECRET") or secrets.token_hex(32)
app.config.update(SESSION_COOKIE_NAME="renew_vehicle", SESSION_COOKIE_SAMESITE="Lax")
app.config.update(SESSION_COOKIE_SECURE=PUBLIC_URL.startswith("https:"))
app.jinja_env.globals["WORDS"] = WORDS

identity = OAuth(app).register(
    "identity",
    client_id=CLIENT_ID,
    client_secret=PRIVATE_KEY,
    server_metadata_url=SUITE_URL + ".well-known/openid-configuration",
    client_auth_methods=[PrivateKeyJWT()],
    client_kwargs={
        "scope": "openid email phone",
        "token_endpoint_auth_method": "private_key_jwt",
        "code_challenge_method": "S256",
        "default_timeout": TIMEOUT_SECONDS,
    },
)


@app.get("/")
def start() -> str:
    """Say what the service does, what it costs and what the citizen needs."""
    return render_template("start.html", fee=money(FEES[CURRENCY]))


# Identity: who is this?


@app.get("/sign-in")
def begin_sign_in() -> AnyResponse:
    """Send the citizen to sign in with two factors and to prove their identity with medium confidence."""
    session.clear()
    session["language"] = g.language
    asked = {"vtr": '["Cl.Cm.P2"]', "claims": json.dumps({"userinfo": {CORE_IDENTITY: None}}), "ui_locales": g.language}
    return identity.authorize_redirect(PUBLIC_URL + url_for("finish_sign_in"), **asked)


@app.get("/signed-in")
def finish_sign_in() -> AnyResponse:
    """Take the citizen back. Authlib checks state, nonce and ID token; the signed identity is checked below."""
    token = identity.authorize_access_token()
    citizen = identity.userinfo(token=token)
    session["name"] = read_verified_name(citizen.get(CORE_IDENTITY, ""), sub=token["userinfo"]["sub"])
    session.update(email=citizen["email"], phone=citizen.get("phone_number"), renewal=secrets.token_hex(8))
    return redirect(url_for("ask_vehicle"))


def read_verified_name(core_identity: str, *, sub: str) -> str:
    """Return the citizen's present name; raises JoseError unless every check of the signed identity holds."""
    token = jwt.decode(core_identity, key=find_identity_key, algorithms=["ES256"])
    expected = {"iss": SUITE_URL, "aud": CLIENT_ID, "sub": sub, "vot": "P2"}
    rules: Any = {claim: {"essential": True, "value": value} for claim, value in expected.items()}
    jwt.JWTClaimsRegistry(leeway=30, exp={"essential": True}, **rules).validate(token.claims)
    names = token.claims["vc"]["credentialSubject"]["name"]
    present = next(name for name in names if not name.get("validUntil"))
    return " ".join(part["value"] for part in present["nameParts"])


def find_identity_key(token: Any) -> ECKey:
    """Find the key that signed the identity in the platform's own DID document, and nowhere else."""
    kid = token.headers().get("kid", "")
    document = requests.get(SUITE_URL + ".well-known/did.json", timeout=TIMEOUT_SECONDS).json()
    methods = {method["id"]: method for method in document["assertionMethod"]}
    if kid not in methods or not kid.partition("#")[0] == document["id"] == methods[kid]["controller"]:
        raise JoseError("the platform has no such key")
    return ECKey.import_key(methods[kid]["publicKeyJwk"])


# Pay: the fee


@app.route("/vehicle", methods=["GET", "POST"])
def ask_vehicle() -> str | tuple[str, int] | AnyResponse:
    """Show the citizen their name, ask which vehicle it is, and go on to payment."""
    if "renewal" not in session:
        return redirect(url_for("start"))
    if "payment_id" in session:
        return redirect(url_for("show_result"))
    if request.method == "GET":
        return render_template("vehicle.html", error=None)
    session["vehicle"] = re.sub(r"[\s.-]", "", request.form.get("vehicle", "")).upper()
    if not re.fullmatch("[0-9A-Z]{2,10}", session["vehicle"]):
        return render_template("vehicle.html", error="vehicle_wrong" if session["vehicle"] else "vehicle_missing"), 400
    return pay()


@app.post("/pay")
def pay() -> AnyResponse:
    """Send the citizen to pay, again if the last payment failed; repeating the request makes no second payment."""
    if "vehicle" not in session:
        return redirect(url_for("start"))
    payment = call_pay("GET", f"/{session['payment_id']}") if "payment_id" in session else None
    if payment is None or payment["state"]["status"] in ("failed", "cancelled", "error"):
        payment = create_payment(follows=session.get("payment_id") or session["renewal"])
        session["payment_id"] = payment["payment_id"]
    next_url = payment["_links"].get("next_url")
    return redirect(next_url["href"] if next_url else url_for("show_result"), 303)


def create_payment(*, follows: str) -> dict[str, Any]:
    """Create the payment that follows another one (or the renewal itself); twice the same call makes one payment."""
    wanted = {
        "amount": FEES[CURRENCY],
        "currency": CURRENCY,
        "reference": session["renewal"],
        "description": translate("payment_description", vehicle=session["vehicle"]),
        "return_url": PUBLIC_URL + url_for("show_result"),
        "language": g.language,
        "email": session["email"],
        "metadata": {"vehicle": session["vehicle"]},
    }
    return call_pay("POST", json=wanted, headers={"Idempotency-Key": follows})


def call_pay(method: str, path: str = "", *, headers: dict[str, str] | None = None, json: Any = None) -> dict[str, Any]:
    """Call the Pay API and return the payment; raises requests.RequestException."""
    headers = {"Authorization": f"Bearer {API_KEY}"} | (headers or {})
    answer = requests.request(
        method, f"{SUITE_URL}v1/payments{path}", headers=headers, json=json, timeout=TIMEOUT_SECONDS
    )
    answer.raise_for_status()
    payment: dict[str, Any] = answer.json()
    return payment


@app.get("/result")
def show_result() -> str | AnyResponse:
    """Ask Pay what became of the payment (arriving here proves nothing) and show what comes next."""
    if "payment_id" not in session:
        return redirect(url_for("ask_vehicle"))
    payment = call_pay("GET", f"/{session['payment_id']}")
    if payment["state"]["status"] != "success":
        return render_template("unpaid.html", state=payment["state"])
    amount = money(payment["amount"])
    told = [confirm(channel, amount=amount) for channel in ("EMAIL", "TEXT")]
    return render_template("confirmation.html", amount=amount, told=all(told))


# Notify: telling the citizen


def confirm(channel: str, *, amount: str) -> bool:
    """Send the confirmation by one channel, once however often the page is loaded; return whether it is on its way."""
    renewal, address = session["renewal"], session["email" if channel == "EMAIL" else "phone"]
    if not address or not write("INSERT OR IGNORE INTO confirmation VALUES (?, ?)", renewal, channel):
        return True
    notify = NotificationsAPIClient(API_KEY, base_url=SUITE_URL, timeout=TIMEOUT_SECONDS)
    send = notify.send_email_notification if channel == "EMAIL" else notify.send_sms_notification
    values = {"name": session["name"], "vehicle": session["vehicle"], "amount": amount, "reference": renewal}
    try:
        send(address, os.environ[f"{channel}_TEMPLATE_{g.language.upper()}"], values, reference=renewal)
    except APIError as error:
        app.logger.warning("%s for renewal %s was not accepted: %s", channel, renewal, error.status_code)
        write("DELETE FROM confirmation WHERE renewal = ? AND channel = ?", renewal, channel)
        return False
    return True


def write(sql: str, *values: str) -> int:
    """Change the database of this service and return how many rows changed."""
    with closing(sqlite3.connect(DATABASE, timeout=10)) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS confirmation (renewal, channel, PRIMARY KEY (renewal, channel))")
        return database.execute(sql, values).rowcount


# Languages, errors, headers


@app.before_request
def choose_language() -> None:
    """Use the language asked for, else the one chosen before, else the browser's, else English."""
    if request.args.get("lang") in WORDS:
        session["language"] = request.args["lang"]
    g.language = session.get("language") or request.accept_languages.best_match(WORDS) or "en"


@app.template_global()
def translate(key: str, **values: str) -> str:
    """Return the text with this key in the citizen's language."""
    return WORDS[g.language][key].format(**values)


def money(amount: int) -> str:
    """Write an amount of the smallest unit as people do: £54.00, 1.350.000 ₫."""
    return f"{amount:,} ₫".replace(",", ".") if CURRENCY == "VND" else f"£{amount // 100:,}.{amount % 100:02}"


@app.errorhandler(OAuthError)
@app.errorhandler(JoseError)
@app.errorhandler(requests.RequestException)
@app.errorhandler(HTTPException)
def explain(error: Exception) -> tuple[str, int]:
    """Tell the citizen in plain words what went wrong and what to do; the log gets no more than the kind of error."""
    app.logger.warning("%s at %s", type(error).__name__, request.path)
    if isinstance(error, HTTPException):
        return render_template("problem.html", problem="not_found"), error.code or 500
    if isinstance(error, requests.RequestException):
        return render_template("problem.html", problem="unavailable"), 502
    return render_template("problem.html", problem="not_verified"), 403


@app.after_request
def protect(response: Response) -> Response:
    """Allow no script, nothing from elsewhere, and forms that lead only here and on to the platform."""
    policy = f"default-src 'none'; style-src 'self'; form-action 'self' {SUITE_URL}; frame-ancestors 'none'"
    response.headers.update({"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"})
    response.headers.setdefault("Cache-Control", "no-store")
    return response


if __name__ == "__main__":
    waitress.serve(app, host="127.0.0.1", port=PORT, threads=8)
