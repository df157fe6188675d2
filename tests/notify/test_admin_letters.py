"""What operators see of letters and print runs: status, postage, printer and run, and no address, text or PDF."""

import pytest

from gaap.actors import SYSTEM
from gaap.testing.plugin import TESTER
from gaap_notify.models import Letter, Notification, PrintRun
from gaap_notify.services.letters.changing import return_letter
from gaap_notify.services.setup import change_settings
from gaap_notify.services.templates import TemplateParts, create_template
from gaap_notify.states import DELIVERED, LETTER, STATUS_LABELS

LETTERS = "/admin/gaap_notify/letter/"
RUNS = "/admin/gaap_notify/printrun/"
HIDDEN = ("Nguyễn", "12 Long Street", "SW1A", "Dear Ngọc", "Annwyl", "Your licence", "Eich trwydded")


@pytest.fixture
def send(service, notify):
    """Return a function that accepts a letter under a reference and returns it."""
    change_settings(service, permissions=["letter"], by=TESTER)
    template = create_template(
        service,
        type="letter",
        name="Licence",
        subject="Your licence",
        body="Dear ((name))",
        parts=TemplateParts(postage="first", welsh_subject="Eich trwydded", welsh_body="Annwyl ((name))"),
        by=TESTER,
    )
    address = {"address_line_1": "Nguyễn Thị Ngọc", "address_line_2": "12 Long Street", "postcode": "SW1A 1AA"}
    body = {"template_id": str(template.pk), "personalisation": {**address, "name": "Ngọc"}}

    def accept(reference):
        answer = notify.send("letter", {**body, "reference": reference})
        assert answer.status_code == 201, answer.content
        return Letter.objects.select_related("notification").get(pk=answer.json()["id"])

    return accept


@pytest.fixture
def run():
    """A run that its printer refused for now."""
    return PrintRun.objects.create(provider="press", failure="The folder is not there.")


@pytest.fixture
def printed(send, run):
    """A letter in that run."""
    letter = send("printed matter")
    Letter.objects.filter(pk=letter.pk).update(run=run, postage="economy", pages=3)
    letter.refresh_from_db()
    return letter


@pytest.fixture
def waiting(send):
    """A letter in no run."""
    return send("waiting matter")


@pytest.fixture
def listed(operator_client):
    """Return a function that opens a list and returns what is in it."""

    def ask(path, **query):
        page = operator_client.get(path, query)
        assert page.status_code == 200
        return set(page.context["cl"].result_list)

    return ask


@pytest.mark.parametrize("place", ["list", "details"])
def test_letter_is_shown_without_address_text_and_pdf(operator_client, printed, service, run, place):
    page = operator_client.get(LETTERS if place == "list" else f"{LETTERS}{printed.pk}/change/")
    text = page.content.decode()
    assert page.status_code == 200
    for shown in (str(printed.pk), service.name, "Economy", "press", str(run.pk), "printed matter"):
        assert shown in text
    assert str(STATUS_LABELS[printed.notification.status]) in text
    for hidden in HIDDEN:
        assert hidden not in text


@pytest.mark.parametrize("place", ["list", "details"])
def test_run_is_shown_with_its_letters(operator_client, printed, run, place):
    page = operator_client.get(RUNS if place == "list" else f"{RUNS}{run.pk}/change/")
    text = page.content.decode()
    assert page.status_code == 200
    for shown in (str(run.pk), "press", "The folder is not there."):
        assert shown in text
    assert (f"{LETTERS}{printed.pk}/change/" in text) is (place == "details")
    for hidden in HIDDEN:
        assert hidden not in text


def test_letters_of_a_run_are_counted(listed, printed, send, run):
    Letter.objects.filter(pk=send("another").pk).update(run=run)
    empty = PrintRun.objects.create(provider="room")
    assert {found.pk: found.letter_count for found in listed(RUNS)} == {run.pk: 2, empty.pk: 0}


def test_letters_that_came_back(operator_client, listed, printed, waiting):
    Notification.objects.filter(pk=printed.pk).update(status=DELIVERED)
    printed.notification.refresh_from_db()
    assert return_letter(printed.notification, by=SYSTEM, reason="gone away")
    assert listed(LETTERS, status="returned-letter") == {printed}
    assert "gone away" in operator_client.get(f"{LETTERS}{printed.pk}/change/").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"postage__exact": "economy"},
        {"run__provider": "press"},
        {"run__isempty": "0"},
    ],
    ids=str,
)
def test_filters_of_letters(listed, printed, waiting, query):
    assert listed(LETTERS, **query) == {printed}


@pytest.mark.parametrize("status", sorted(LETTER.statuses))
def test_every_status_of_a_letter_can_be_chosen(listed, waiting, status):
    assert listed(LETTERS, status=status) == ({waiting} if status == waiting.notification.status else set())


@pytest.mark.parametrize(
    "query", [{"provider": "press"}, {"submitted_at__isempty": "1"}, {"failure__isempty": "0"}], ids=str
)
def test_filters_of_runs(listed, run, query):
    PrintRun.objects.create(provider="room", submitted_at=run.created_at)
    assert listed(RUNS, **query) == {run}


@pytest.mark.parametrize("term", ["id", "reference", "run"])
def test_letters_are_found(listed, printed, waiting, run, term):
    terms = {"id": str(printed.pk), "reference": "printed matter", "run": str(run.pk)}
    assert listed(LETTERS, q=terms[term]) == {printed}


@pytest.mark.parametrize("term", ["id", "letter", "reference"])
def test_runs_are_found(listed, printed, run, term):
    PrintRun.objects.create(provider="room")
    terms = {"id": str(run.pk), "letter": str(printed.pk), "reference": "printed matter"}
    assert listed(RUNS, q=terms[term]) == {run}


@pytest.mark.parametrize("term", ["Nguyễn", "Long Street", "SW1A 1AA"])
def test_nobody_is_found_by_an_address(listed, printed, term):
    assert listed(LETTERS, q=term) == listed(RUNS, q=term) == set()


@pytest.mark.parametrize("path", [LETTERS, RUNS])
def test_nothing_can_be_changed(operator_client, printed, run, path):
    row = f"{path}{run.pk if path == RUNS else printed.pk}"
    assert operator_client.post(f"{row}/change/", {"postage": "first", "provider": "x"}).status_code == 403
    assert operator_client.post(f"{row}/delete/", {"post": "yes"}).status_code == 403
    assert operator_client.get(f"{path}add/").status_code == 403
    printed.refresh_from_db()
    assert (printed.postage, printed.run.provider) == ("economy", "press")


def test_queries_do_not_grow_with_the_list(operator_client, django_assert_max_num_queries, send, run):
    for number in range(6):
        Letter.objects.filter(pk=send(f"case {number}").pk).update(run=run)
    operator_client.get(LETTERS)
    for path in (LETTERS, RUNS, f"{RUNS}{run.pk}/change/"):
        with django_assert_max_num_queries(10):
            assert operator_client.get(path).status_code == 200
