"""What the record of an act costs a payment: ``python -m tests.benchmarks.audit_cost``.

A payment created by API is its own record: a row of its history, with the key that made it, and no audit event. So the
audit costs it nothing today; this measures what it would cost if each creation wrote an audit event as well, as acts of
people do.
"""

import os

from tests.benchmarks.surroundings import in_turns, report, set_up_suite

CONTROL = "as it is: its own record (control)"
ROUNDS = int(os.environ.get("GAAP_BENCH_ROUNDS", "15"))
EACH = int(os.environ.get("GAAP_BENCH_EACH", "20"))


def main() -> None:
    """Measure and print."""
    with set_up_suite():
        measure()


def measure() -> None:
    """Create payments over the API with and without an audit event, in turns."""
    from gaap.audit.services import record
    from gaap.components import known_limits
    from gaap.limits.services import MOST_CALLS, change_rate_limits
    from gaap.organisations.services import create_organisation, create_service
    from gaap.testing.plugin import TESTER
    from gaap_payments.models import Payment
    from tests.api.world import World
    from tests.payments.support import create

    organisation = create_organisation("Ministry of Transport", type="central", by=TESTER)
    service = create_service("Renew", organisation=organisation, is_live=True, by=TESTER)
    change_rate_limits(service, calls=dict.fromkeys(known_limits(), MOST_CALLS), by=TESTER)
    api = World(service).test_api

    def audited() -> None:
        document = create(api)
        record("payment_created", target=Payment(pk=document["payment_id"]), service=service, by=TESTER)

    steps = {CONTROL: lambda: create(api), "an audit event on top": audited}
    in_turns(steps, rounds=1, each=5)
    report("Creating a payment", in_turns(steps, rounds=ROUNDS, each=EACH), control=CONTROL)


if __name__ == "__main__":
    main()
