"""Cards by API, payments made elsewhere, and the firewall before the platform."""

from tests.payments.error_table import (
    AUTH,
    BLOCKED,
    FIREWALL,
    NO_ACCESS,
    NUMERIC,
    SENT,
    STRING,
    TELL,
    TOLD,
    Row,
    longer,
    missing,
    wrong,
)

RANGE = "Must be between {} and {} characters long"
TOKEN = "one_time_token"
OTHERS = [
    *[missing(AUTH, "P0101", name, SENT, status=422, scene="card_api") for name in SENT],
    wrong(AUTH, 422, "P0102", "card_number", RANGE.format(12, 19), SENT, "4242", scene="card_api"),
    wrong(AUTH, 422, "P0102", "card_number", NUMERIC, SENT, "4242 4242 4242 4242", scene="card_api"),
    wrong(AUTH, 422, "P0102", "cvc", RANGE.format(3, 4), SENT, "12", scene="card_api"),
    wrong(
        AUTH, 422, "P0102", "expiry_date", "Must be a valid date with the format MM/YY", SENT, "13/39", scene="card_api"
    ),
    wrong(AUTH, 422, "P0102", "cardholder_name", longer(255), SENT, "a" * 256, scene="card_api"),
    Row(AUTH, 400, "P1211", "The one_time_token is not valid", TOKEN, {**SENT, TOKEN: "unknown"}, scene="card_api"),
    Row(AUTH, 400, "P1212", "The one_time_token has already been used", TOKEN, SENT, scene="used_token"),
    Row(
        AUTH,
        402,
        "P0010",
        "The payment was rejected",
        body={**SENT, "card_number": "4000000000000002"},
        scene="card_api",
        leaves="failed",
    ),
    Row(
        AUTH,
        500,
        "P0050",
        "There was an error authorising the payment",
        body={**SENT, "card_number": "4000000000000119"},
        scene="card_api",
        leaves="error",
    ),
    Row(TELL, 403, "P0930", NO_ACCESS, body=TOLD),
    *[
        wrong(TELL, 422, "P0102", name, STRING, TOLD, "", scene="notifications")
        for name in ("reference", "provider_id")
    ],
    wrong(TELL, 422, "P0102", "amount", NUMERIC, TOLD, None, scene="notifications"),
    wrong(
        TELL,
        422,
        "P0102",
        "payment_outcome",
        "Must include a valid status and error code",
        TOLD,
        {"status": "failed"},
        scene="notifications",
    ),
    Row(FIREWALL, 400, "P0920", BLOCKED, body=b"<script>", scene="nothing"),
]
