"""The encryption key is changed while the suite is up: nothing is lost, and what is left is known."""

import random
from io import StringIO
from threading import Event

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import ExpressionWrapper, F, TextField, Value
from django.test import override_settings

from gaap.console.adapters import SECRETS
from gaap.crypto import DecryptionError, EncryptedField, decrypt, encrypt, new_encryption_key, newest_key_id
from gaap.idempotency.models import StoredAnswer
from gaap.privacy.rotation import count_keys, rotate_all
from gaap.privacy.rotation.columns import encrypted_models
from gaap_notify.models import Receipt
from tests.platform.parallel import in_parallel

OLD, NEW = new_encryption_key(), new_encryption_key()
OLD_ID, NEW_ID = (key.partition(":")[0] for key in (OLD, NEW))


@pytest.fixture
def old_key(settings):
    settings.GAAP_ENCRYPTION_KEYS = (OLD,)


def introduce_new_key(settings):
    settings.GAAP_ENCRYPTION_KEYS = (NEW, OLD)
    assert newest_key_id() == NEW_ID


def receipts(number):
    rows = [
        Receipt(channel="sms", provider="sandbox", event_id=str(n), headers={"n": n}, body=f"body {n}")  # type: ignore[misc]
        for n in range(number)
    ]
    return Receipt.objects.bulk_create(rows)


def stored_texts():
    rows = Receipt.objects.annotate(raw=ExpressionWrapper(F("body"), output_field=TextField()))
    return list(rows.order_by("pk").values_list("raw", flat=True))


def encrypt_with(key, text, context):
    with override_settings(GAAP_ENCRYPTION_KEYS=(key,)):
        return encrypt(text, context=context)


@pytest.mark.django_db
def test_everything_is_sealed_by_the_newest_key_and_the_old_one_can_go(settings, old_key):
    receipts(7)
    introduce_new_key(settings)
    assert count_keys() == {OLD_ID: 14}
    assert sum(progress.resealed for progress in rotate_all(batch_size=3)) == 7
    assert count_keys() == {NEW_ID: 14}
    settings.GAAP_ENCRYPTION_KEYS = (NEW,)
    assert [(row.headers, row.body) for row in Receipt.objects.order_by("pk")] == [
        ({"n": n}, f"body {n}") for n in range(7)
    ]


@pytest.mark.django_db
def test_again_there_is_nothing_left_to_do(settings, old_key):
    receipts(2)
    introduce_new_key(settings)
    rotate_all()
    before = stored_texts()
    assert not any(progress.resealed for progress in rotate_all())
    assert stored_texts() == before


@pytest.mark.django_db
def test_goes_on_where_it_was_stopped(settings, old_key):
    receipts(9)
    introduce_new_key(settings)

    def stop_at_once(progress):
        if progress.resealed:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_all(batch_size=4, tell=stop_at_once)
    assert count_keys() == {NEW_ID: 8, OLD_ID: 10}
    rotate_all(batch_size=4)
    assert count_keys() == {NEW_ID: 18}


@pytest.mark.django_db
def test_empty_columns_stay_empty(settings, old_key, service):
    row = StoredAnswer.objects.create(service_id=service.pk, world="test", key="k", fingerprint="f", body=None)
    introduce_new_key(settings)
    rotate_all()
    row.refresh_from_db()
    assert row.body is None


@pytest.mark.django_db
def test_secrets_of_second_factors_are_sealed_anew(settings, old_key, owner):
    data = {"seed": encrypt("the seed", context=SECRETS), "used_mask": 5}
    row = Authenticator.objects.create(user=owner, type=Authenticator.Type.RECOVERY_CODES, data=data)
    introduce_new_key(settings)
    rotate_all()
    row.refresh_from_db()
    settings.GAAP_ENCRYPTION_KEYS = (NEW,)
    assert decrypt(row.data["seed"], context=SECRETS) == "the seed"
    assert row.data["used_mask"] == 5


@pytest.mark.django_db
def test_what_no_key_opens_is_named_and_left(settings, old_key):
    lost, kept = receipts(2)
    Receipt.objects.filter(pk=lost.pk).update(body=Value("gone.AAAA", output_field=TextField()))
    introduce_new_key(settings)
    out = StringIO()
    with pytest.raises(CommandError, match=rf"gaap_notify\.Receipt: {lost.pk}$"):
        call_command("rotate_encryption", stdout=out, stderr=StringIO())
    assert "gone: 1 texts" in out.getvalue()
    assert "can be taken out" not in out.getvalue()
    kept.refresh_from_db()
    assert kept.body == "body 1"
    with pytest.raises(DecryptionError):
        lost.refresh_from_db()


@pytest.mark.django_db
def test_command_tells_when_older_keys_can_go(settings, old_key):
    receipts(1)
    introduce_new_key(settings)
    counted, rotated = StringIO(), StringIO()
    call_command("rotate_encryption", "--count", stdout=counted)
    call_command("rotate_encryption", stdout=rotated, stderr=StringIO())
    assert f"{OLD_ID}: 2 texts" in counted.getvalue()
    assert f"{NEW_ID} (the newest): 2 texts" in rotated.getvalue()
    assert "can be taken out" in rotated.getvalue()


def test_every_encrypted_column_of_every_table_is_known():
    expected = {
        model._meta.label
        for model in apps.get_models()
        if any(isinstance(column, EncryptedField) for column in model._meta.get_fields())
    }
    assert {place.label for place in encrypted_models()} == expected
    assert len(expected) > 10


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_writers_beside_it_lose_nothing(settings, old_key):
    keys = [row.pk for row in receipts(300)]
    introduce_new_key(settings)
    last_word: dict[int, str] = {}
    done = Event()

    def write(number, chosen):
        choice = random.Random(number)
        for turn in range(150):
            key = choice.choice(chosen)
            text = f"writer {number} turn {turn}"
            if turn % 3:
                Receipt.objects.filter(pk=key).update(body=text)
            else:
                write_old(key, text)
            last_word[key] = text

    def write_old(key, text):
        Receipt.objects.filter(pk=key).update(body=Value(sealed_by_old[text], output_field=TextField()))

    sealed_by_old = {
        text: encrypt_with(OLD, text, "gaap_notify.receipt.body")
        for text in (f"writer {number} turn {turn}" for number in range(4) for turn in range(0, 150, 3))
    }
    writers = [lambda n=n: write(n, keys[n::4]) for n in range(4)]

    def rotate_until_the_end():
        while not done.is_set():
            rotate_all(batch_size=20)

    def write_then_end():
        in_parallel(writers)
        done.set()

    in_parallel([write_then_end, rotate_until_the_end, rotate_until_the_end])
    rotate_all()
    assert count_keys() == {NEW_ID: 600}
    settings.GAAP_ENCRYPTION_KEYS = (NEW,)
    bodies = dict(Receipt.objects.values_list("pk", "body"))
    assert {key: bodies[key] for key in last_word} == last_word
    assert all(bodies[key] == f"body {n}" for n, key in enumerate(keys) if key not in last_word)
