"""One service's world with a past: so many messages, a tenth as many payments, accounts and sign-ins."""

import random
from collections.abc import Iterator
from typing import Any

from tests.benchmarks.growth.filling import Past, base32_of, digest_of, fill, moment_of, uuid_of

#: Messages lie over half a year; what the newest of them said is still kept (seven days, the default).
DAYS, KEPT_DAYS = 180.0, 7.0
#: Messages on their way and messages to be handed over: as many as the present holds, however long the past.
SENDING, WAITING = 3000, 1000
KNOWN = 20


class Stored:
    """What the measures ask for, in a database that holds `count` messages."""

    def __init__(self, count: int) -> None:
        from gaap.clock import now
        from gaap.components import known_limits
        from gaap.limits.services import MOST_CALLS, change_rate_limits
        from gaap.organisations.services import create_organisation, create_service
        from gaap.testing.plugin import TESTER
        from tests.api.world import World
        from tests.identity.conftest import RSA, register
        from tests.identity.people import RelyingParty

        organisation = create_organisation("Ministry of Transport", type="central", by=TESTER)
        self.service = create_service("Renew", organisation=organisation, is_live=True, by=TESTER)
        change_rate_limits(self.service, calls=dict.fromkeys(known_limits(), MOST_CALLS), by=TESTER)
        register(self.service, "renew-vehicle", rate_limit=10**6)
        self.party = RelyingParty("renew-vehicle", RSA)
        self.world = World(self.service)
        self.live = self.world.keys["live"]
        self.count, self.tenth = count, max(count // 10, 1)
        self.values = {"now": now()}
        self.random = random.Random(7)
        self._fill()

    def some(self, past: Past, column: str, count: int) -> list[Any]:
        """Return what a column holds in some of the rows that were stored."""
        return past.names(column, [self.random.randint(1, past.count) for _ in range(count)])

    def _fill(self) -> None:
        self.known = list(self._known_accounts())
        kept = max(round(self.count * KEPT_DAYS / DAYS), 1)
        text = self._delivered_text()
        self.forgotten = self._forgotten(text, max(self.count - kept - SENDING - WAITING, 0))
        self.kept = self._kept(text, kept)
        self.sending = self._unfinished(text, "sending", SENDING, due="+ interval '3 days'")
        self.waiting = self._unfinished(text, "created", WAITING, due="- interval '1 minute'")
        messages = [self.forgotten, self.kept, self.sending, self.waiting]
        fill([*messages, *self._events(), *self._payments(), *self._people(), self._bare()])
        self._number_stream()

    def _delivered_text(self) -> Any:
        from gaap_notify.models import Notification
        from gaap_notify.services.counting import count_messages
        from gaap_notify.services.delivery import deliver_for
        from tests.notify.tokens import NotifyClient

        order = {"template_id": str(self.world.template.pk), "phone_number": "07700900123", "reference": "R"}
        answer = NotifyClient(self.live).send("sms", {**order, "personalisation": {"name": "Ngọc"}})
        deliver_for(5)
        while count_messages():
            pass
        row = Notification.objects.get(pk=answer.json()["id"])
        if row.status == "created" or not row.provider_id or not row.is_counted:
            raise RuntimeError(f"The message that is to be copied is {row.status}.")
        return row

    def _messages(self, row: Any, count: int, salt: str, first: float, last: float, **columns: str) -> Past:
        moment = moment_of(count, first=first, last=last)
        usual = {
            "id": uuid_of(moment, salt),
            "provider_id": base32_of(salt),
            "recipient_digest": digest_of(salt),
            "reference": f"'{salt}-' || n",
            **dict.fromkeys(("created_at", "sent_at", "completed_at"), moment),
        }
        return Past(row, count, {**usual, **columns}, self.values)

    def _forgotten(self, row: Any, count: int) -> Past:
        from gaap_notify.services.retention import EMPTY

        emptied = dict.fromkeys(EMPTY, "''")
        return self._messages(row, count, "forgotten", DAYS, KEPT_DAYS, **emptied, forgotten_at="%(now)s")

    def _kept(self, row: Any, count: int) -> Past:
        return self._messages(row, count, "kept", KEPT_DAYS, 0.1)

    def _unfinished(self, row: Any, status: str, count: int, *, due: str) -> Past:
        never = dict.fromkeys(("completed_at", *(["sent_at"] if status == "created" else [])), "NULL::timestamptz")
        provider_id = {"provider_id": "''"} if status == "created" else {}
        columns = {"status": f"'{status}'", "due_at": f"%(now)s::timestamptz {due}", **never, **provider_id}
        return self._messages(row, count, status, 0.1, 0.0, **columns)

    def _events(self) -> Iterator[Past]:
        from gaap.events.placing import place_waiting
        from gaap.outbox.models import OutboxEvent
        from gaap.outbox.relay import relay_waiting

        while place_waiting() + relay_waiting():
            pass
        row = OutboxEvent.objects.filter(subject__startswith="notification/", position__isnull=False).latest("sequence")
        head = self._stream().last_position
        moment = moment_of(self.count, first=90.0, last=0.0)
        columns = {
            "id": uuid_of(moment, "event"),
            "position": f"{head} + n",
            "subject": f"'notification/' || {uuid_of(moment, 'event')}",
            "occurred_at": moment,
            "published_at": moment,
        }
        yield Past(row, self.count, columns, self.values)

    def _stream(self) -> Any:
        from gaap.events.models import EventStream

        return EventStream.objects.get(service_id=self.service.pk)

    def _number_stream(self) -> None:
        """Let the stream go on behind the events that were written past its lock."""
        from gaap.events.models import EventStream

        head = self._stream().last_position
        EventStream.objects.filter(service_id=self.service.pk).update(last_position=head + self.count)

    def _payments(self) -> Iterator[Past]:
        from tests.payments.support import stored

        row = stored(self.world.paid)
        moment = moment_of(self.tenth, first=DAYS, last=0.0)
        columns = {
            "id": base32_of("payment"),
            "reference": "'ORDER-' || n",
            **{name: base32_of(name) for name in ("provider_id", "session_id")},
            **dict.fromkeys(("created_at", "capture_submitted_at", "captured_at"), moment),
            "due_at": "NULL::timestamptz",
        }
        self.payments = Past(row, self.tenth, columns, self.values)
        yield self.payments
        steps = {"payment_id": base32_of("payment"), "occurred_at": moment}
        yield from (Past(event, self.tenth, steps, self.values) for event in row.events.all())

    def _known_accounts(self) -> Iterator[Any]:
        from gaap_identity.services.accounts import NewAccount, create_account
        from gaap_identity.services.passwords import hash_password
        from tests.identity.people import PASSWORD

        password = hash_password(PASSWORD)
        for number in range(KNOWN):
            email = f"p{number}@example.org"
            yield create_account(NewAccount(email=email, password_hash=password, second_factor="email"))

    def _people(self) -> Iterator[Past]:
        """Everybody has an account and signed in once; a thousandth has a session, a hundredth a code of today."""
        from gaap.audit.models import AuditEvent
        from gaap_identity.models import AuthorizationCode, Consent
        from tests.benchmarks.growth.paths import round_trip, signed_in

        round_trip(self, signed_in(self.known[0]))
        code = AuthorizationCode.objects.select_related("sign_in", "sign_in__session", "user").latest("pk")
        moment, count = moment_of(self.tenth, first=90.0, last=0.0), self.tenth
        account, sign_in = uuid_of(moment, "account"), uuid_of(moment, "sign-in")
        digests = {name: digest_of(name) for name in ("subject", "subject_salt", "email_digest")}
        self.accounts = Past(code.user, count, {"id": account, "created_at": moment, **digests}, self.values)
        yield self.accounts
        nobody = {"session_id": "NULL::uuid", "account_id": account}
        times = dict.fromkeys(("created_at", "finished_at", "authenticated_at"), moment)
        yield Past(code.sign_in, count, {"id": sign_in, **nobody, **times}, self.values)
        yield Past(
            code, count // 100, {"code": digest_of("code"), "user_id": account, "sign_in_id": sign_in}, self.values
        )
        opened = {"id": uuid_of(moment, "session"), "token_digest": digest_of("session"), "account_id": account}
        yield Past(code.sign_in.session, count // 1000, opened, self.values)
        for consent in Consent.objects.filter(account=code.user):
            yield Past(consent, count, {"account_id": account, "given_at": moment}, self.values)
        target = {"target_id": f"({account})::text", "actor_id": f"({account})::text", "occurred_at": moment}
        for record in AuditEvent.objects.filter(target_id=str(code.user.pk)):
            yield Past(record, count, target, self.values)

    def _bare(self) -> Past:
        from django.db import connection

        from tests.benchmarks.bare.models import CREATE_TABLE, Row

        with connection.cursor() as cursor:
            cursor.execute(CREATE_TABLE)
        row = Row.objects.create(body={"template_id": "x", "personalisation": {"name": "Ngọc"}})
        moment = moment_of(self.count, first=DAYS, last=0.0)
        self.bare = Past(row, self.count, {"id": uuid_of(moment, "bare"), "created_at": moment}, self.values)
        return self.bare
