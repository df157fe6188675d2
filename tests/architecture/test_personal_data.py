"""Nobody adds a column of words without saying whether it holds personal data, what for and how long."""

from gaap.privacy.declarations import data_protections, impersonal_fields, personal_fields
from gaap.privacy.record import field_name, fields_of_words, markdown, undeclared_fields
from gaap.privacy.retention_periods import Retention
from tests.project import ROOT

WHERE = (
    "declare it in the component's privacy.py, forget it there (tests/platform/test_retention.py), write the page anew"
)


def test_every_column_of_words_is_declared() -> None:
    assert undeclared_fields() == [], WHERE


def test_nothing_is_declared_that_is_not_there() -> None:
    standing = set(map(field_name, fields_of_words()))
    assert {*personal_fields(), *impersonal_fields()} - standing == set(), WHERE


def test_nothing_is_declared_both_ways() -> None:
    assert set(personal_fields()) & impersonal_fields() == set()


def test_each_purpose_and_time_is_given() -> None:
    declared = {retention for one in data_protections() for retention in one.retentions()}
    for name, personal in personal_fields().items():
        assert len(personal.purpose) > 10, name
        assert personal.kept in declared if isinstance(personal.kept, Retention) else personal.kept, name


def test_nouns_are_unique_and_within_their_bounds() -> None:
    retentions = [retention for one in data_protections() for retention in one.retentions()]
    assert len({retention.noun for retention in retentions}) == len(retentions)
    assert all(1 <= one.shortest <= one.days <= one.longest for one in retentions)


def test_the_record_is_as_the_code_says() -> None:
    page = (ROOT / "docs/reference/personal-data.md").read_text(encoding="utf-8")
    assert page == markdown(), "run `manage.py privacy_docs docs/reference`"
