"""One key, one piece of work, one answer: also beside itself, and when it dies halfway."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from gaap.api.idempotency import idempotent
from gaap.clock import now
from gaap.idempotency.models import StoredAnswer
from gaap.idempotency.services import Ask, KeptAnswer, answer_once, fingerprint, sweep_answers
from gaap.organisations.models import Organisation
from tests.platform.parallel import in_parallel


class MakeOrganisation(APIView):
    """Makes an organisation; refuses one without a name."""

    required_scope = "tests:make"

    @idempotent
    def post(self, request):
        if not request.data.get("name"):
            raise ValidationError({"name": ["Give a name."]})
        made = Organisation.objects.create(name=request.data["name"])
        return Response({"id": str(made.pk)}, status=201, headers={"Location": f"/made/{made.pk}"})


urlpatterns = [path("make", MakeOrganisation.as_view()), path("other", MakeOrganisation.as_view())]
handler500 = lambda request: HttpResponse(status=500)  # noqa: E731


@pytest.fixture(autouse=True)
def urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def post(client, key, name="One", where="/make"):
    return client.post(where, {"name": name}, content_type="application/json", headers={"Idempotency-Key": key})


def test_a_repeat_gets_the_same_answer_and_makes_nothing(api):
    first, again = post(api, "a"), post(api, "a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first["Location"] == again["Location"]
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Organisation.objects.filter(name="One").count() == 1


def test_spelling_of_the_json_does_not_matter(api):
    first = api.post("/make", '{"name":"One","x":1}', content_type="application/json", headers={"Idempotency-Key": "a"})
    again = api.post(
        "/make", '{ "x": 1, "name": "One" }', content_type="application/json", headers={"Idempotency-Key": "a"}
    )
    assert first.json() == again.json()


@pytest.mark.parametrize("other", [{"name": "Two"}, {"where": "/other"}])
def test_another_request_under_the_key_is_refused(api, other):
    post(api, "a")
    assert post(api, "a", **other).status_code == 409
    assert not Organisation.objects.filter(name="Two").exists()


def test_keys_of_other_services_and_worlds_are_apart(api, outsider, bearer, live_key):
    assert post(api, "a", "One").status_code == 201
    assert post(outsider, "a", "Two").status_code == 201
    assert post(bearer(live_key), "a", "Three").status_code == 201


def test_errors_are_not_kept(api):
    assert post(api, "a", "").status_code == 400
    assert not StoredAnswer.objects.exists()
    assert post(api, "a", "Now").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "é", "a_b", "a;b"])
def test_malformed_keys_are_refused(api, key):
    assert post(api, key).status_code == 422
    assert not Organisation.objects.filter(name="One").exists()


def test_the_answer_is_encrypted_at_rest(api):
    made = post(api, "a").json()["id"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM gaap_storedanswer")
        assert made not in cursor.fetchone()[0]
    assert StoredAnswer.objects.get().body == {"id": made}


def test_a_key_is_free_again_after_a_day(api):
    first = post(api, "a", "One").json()
    StoredAnswer.objects.update(created_at=now() - timedelta(hours=24))
    assert post(api, "a", "Two").json() != first


def test_sweep(api):
    post(api, "a")
    assert sweep_answers() == 0
    StoredAnswer.objects.update(created_at=now() - timedelta(hours=25))
    assert sweep_answers() == 1


@pytest.mark.django_db(transaction=True)
def test_work_that_dies_leaves_nothing_and_can_be_repeated(test_key):
    ask = Ask(test_key.api_key, "a", fingerprint("POST", "/make", {}))

    def die():
        Organisation.objects.create(name="Half")
        raise SystemExit

    with pytest.raises(SystemExit):
        answer_once(ask, die)
    assert not StoredAnswer.objects.exists()
    assert not Organisation.objects.filter(name="Half").exists()
    assert answer_once(ask, lambda: KeptAnswer(201, {"made": 1})).status == 201


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_repeats_make_one_thing_and_twenty_equal_answers(test_key, bearer):
    answers = in_parallel([lambda: post(bearer(test_key), "a").json()["id"]] * 20)
    assert len(set(answers)) == 1
    assert Organisation.objects.filter(name="One").count() == 1
