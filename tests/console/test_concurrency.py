"""What must hold when everything happens at once. On PostgreSQL, where transactions truly run beside each other."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError

from gaap.console.models import ConsoleEmail, GoLiveRequest, Invitation
from gaap.console.services.expiry import warn_of_expiry
from gaap.console.services.going_live import approve, refuse
from gaap.console.services.invitations import InvitationError, accept, invite
from gaap.keys.models import ApiKey
from gaap.keys.rotation import rotate_api_key
from gaap.keys.services import ApiKeyError, IssuedKey
from gaap.organisations.models import Membership, Service
from gaap.organisations.teams import LastAdministratorError, remove_member
from gaap.testing.plugin import TESTER
from tests.console.conftest import person
from tests.platform.parallel import in_parallel

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def outcome(act: Callable[[], object]) -> object:
    """What came of it: its value, or the class of its refusal."""
    try:
        return act()
    except (LastAdministratorError, InvitationError, ApiKeyError, IntegrityError) as error:
        return type(error)


def at_once(*acts: Callable[[], object]) -> list[object]:
    return in_parallel([partial(outcome, act) for act in acts])


def test_two_administrators_cannot_remove_each_other(service: Service) -> None:
    people = [person(f"{name}@transport.example") for name in ("nia", "owen")]
    members = [Membership.objects.create(user=user, service=service, role="admin") for user in people]
    found = at_once(*[partial(remove_member, member, by=TESTER) for member in members])
    assert sorted(map(str, found)) == sorted(map(str, [True, LastAdministratorError]))
    assert Membership.objects.filter(service=service, role="admin").count() == 1


def test_an_invitation_is_accepted_once(service: Service, admin: User) -> None:
    invitation = invite("nia@transport.example", service=service, role="viewer", user=admin).invitation
    nia = person("nia@transport.example")
    found = at_once(*[partial(accept, Invitation.objects.get(pk=invitation.pk), user=nia)] * 8)
    assert found.count(InvitationError) == 7
    assert Membership.objects.filter(user=nia).count() == 1


def test_a_person_is_invited_once(service: Service, admin: User) -> None:
    send = partial(invite, "nia@transport.example", service=service, role="viewer", user=admin)
    assert at_once(*[send] * 8).count(InvitationError) == 7
    assert ConsoleEmail.objects.count() == 1


def test_a_request_to_go_live_is_decided_once(service: Service, admin: User) -> None:
    Service.objects.filter(pk=service.pk).update(is_live=False)
    asked = GoLiveRequest.objects.create(service=service, note="Boats.", requested_by=admin)
    operators = [person(f"operator{number}@platform.example") for number in range(6)]
    copies = [GoLiveRequest.objects.select_related("service", "requested_by").get(pk=asked.pk) for _ in operators]
    acts = [
        partial(approve, copy, user=user) if number % 2 else partial(refuse, copy, answer="No.", user=user)
        for number, (copy, user) in enumerate(zip(copies, operators, strict=True))
    ]
    assert at_once(*acts).count(True) == 1
    asked.refresh_from_db()
    assert Service.objects.get(pk=service.pk).is_live is (asked.status == "approved")
    assert ConsoleEmail.objects.count() == 1


def test_rotations_at_once_each_make_a_key_of_its_own(test_key: IssuedKey) -> None:
    found = at_once(*[partial(rotate_api_key, test_key.api_key, overlap=timedelta(days=1), by=TESTER)] * 4)
    made = [issued.api_key.name for issued in found if isinstance(issued, IssuedKey)]
    assert sorted(made) == ["test 2", "test 3", "test 4", "test 5"]
    assert ApiKey.objects.count() == 5


def test_a_team_is_warned_once(service: Service, admin: User, test_key: IssuedKey) -> None:
    key = test_key.api_key
    ApiKey.objects.update(
        created_at=key.created_at - timedelta(days=355), expires_at=key.created_at + timedelta(days=10)
    )
    in_parallel([warn_of_expiry] * 6)
    assert ConsoleEmail.objects.count() == 1
