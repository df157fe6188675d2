"""Twilio's error codes for messages, and what each means here.

Their dictionary grows, and they advise against hanging too much on single codes. So a code that stands in no table
counts as passing: the recipient may be reached another time.
"""

from collections.abc import Mapping

#: Codes with which a call is refused because this recipient can never be reached.
BAD_RECIPIENT = frozenset(
    {
        21211,  # not a telephone number
        21214,  # cannot be reached
        21217,  # not a valid number
        21263,  # 'To' cannot be a Twilio number of this kind
        21265,  # a short code
        21266,  # sender and recipient are the same
        21268,  # a premium number
        21401,  # not a valid number
        21407,  # not for this kind of number
        21421,  # not a valid number
        21601,  # cannot receive texts
        21610,  # has opted out
        21612,  # not reachable from this sender
        21614,  # not a mobile number
        21635,  # a landline
    }
)

#: Codes with which a call is refused because too many came.
TOO_MANY = frozenset({14107, 20429, 21611, 30022, 30023, 63018, 63038})

#: Codes with which a call is refused until somebody mends the account.
OPERATOR_CAN_MEND = frozenset({20003, 20005, 20006, 20008, 20010, 20403, 20404, 21408, 21608, 21705, 30002})

PERMANENT = "permanent-failure"
TEMPORARY = "temporary-failure"

#: Codes with which a message that was taken is reported as not delivered.
DELIVERY_FAILURES: Mapping[int, str] = {
    30001: TEMPORARY,  # queue overflow
    30002: TEMPORARY,  # account suspended
    30003: TEMPORARY,  # handset not reachable
    30004: PERMANENT,  # blocked by the recipient or the carrier
    30005: PERMANENT,  # unknown or out of service
    30006: PERMANENT,  # landline, or a carrier that takes no texts
    30007: PERMANENT,  # filtered
    30008: TEMPORARY,  # unknown
    30009: TEMPORARY,  # a part is missing
    30010: PERMANENT,  # dearer than the highest price
    30011: PERMANENT,  # no multimedia there
    30012: TEMPORARY,  # time to live too short
    30013: TEMPORARY,  # time to live too long
    30014: TEMPORARY,  # time to live not a number
    30015: TEMPORARY,  # price not a number
    30016: TEMPORARY,  # content not to be kept
    30017: TEMPORARY,  # carrier congested
    30018: PERMANENT,  # sender must be registered there
    30019: PERMANENT,  # too long for the carrier
    30020: TEMPORARY,  # internal
    30021: TEMPORARY,  # internal
    30022: TEMPORARY,  # too many for the campaign
    30023: TEMPORARY,  # day's limit of the campaign
    30024: PERMANENT,  # sender not set up at the carrier
    30025: TEMPORARY,  # sender being set up
    30026: TEMPORARY,  # internal
    30027: TEMPORARY,  # carrier's limit of the day
    30028: PERMANENT,  # campaign not allowed
    30029: PERMANENT,  # campaign not valid
    30030: TEMPORARY,  # delivery not confirmed
    30031: PERMANENT,  # rate not valid
    30032: PERMANENT,  # toll-free number not verified
    30033: PERMANENT,  # campaign suspended
    30034: PERMANENT,  # sender not registered
    30035: PERMANENT,  # campaign set up wrongly
    30036: TEMPORARY,  # could not be delivered in time
    30037: PERMANENT,  # not for this use
    30038: PERMANENT,  # one-time code filtered
    30039: PERMANENT,  # a loop
    30040: PERMANENT,  # sender must be registered there
    30041: PERMANENT,  # content not allowed there
    30042: PERMANENT,  # recipient not allowed
    30043: PERMANENT,  # not supported there
    30044: PERMANENT,  # too long for a trial account
    30045: PERMANENT,  # not supported
    30046: TEMPORARY,  # too many to one recipient
    30410: TEMPORARY,  # carrier's answer did not come
    30440: TEMPORARY,  # carrier's fault
    30450: PERMANENT,  # held to be fraud
    30451: PERMANENT,  # country blocked for fraud
    30452: PERMANENT,  # sender blocked for fraud
    30453: PERMANENT,  # message blocked for fraud
    30454: TEMPORARY,  # limit of unanswered messages
    30455: TEMPORARY,  # recipient asked for a pause
    30500: TEMPORARY,  # internal
    30610: PERMANENT,  # has opted out
    30620: PERMANENT,  # sender not allowed
    **dict.fromkeys(sorted(BAD_RECIPIENT), PERMANENT),
}


def failure_status(code: str) -> str:
    """Return the status of a message that Twilio reports as failed with ``code``, which may be empty."""
    return DELIVERY_FAILURES.get(int(code), TEMPORARY) if code.isdecimal() else TEMPORARY
