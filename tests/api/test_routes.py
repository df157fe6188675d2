"""Every operation that an API key opens is in the table that the other tests of this folder go through."""

from tests.api.routes import CALLS, guarded_addresses, operations


def test_every_operation_has_a_call() -> None:
    known = {(call.method, call.route) for call in CALLS}
    assert sorted(set(operations()) - known) == [], "add these to tests/api/routes.py"
    assert sorted(known - set(operations())) == [], "these are gone"


def test_every_post_honours_the_idempotency_key() -> None:
    posts = [address for address in guarded_addresses() if hasattr(address.view, "post")]
    assert [address.route for address in posts if not getattr(address.view.post, "is_idempotent", False)] == []


def test_every_post_counts_what_it_makes() -> None:
    assert [str(call) for call in CALLS if call.method == "POST" and call.count is None] == []
