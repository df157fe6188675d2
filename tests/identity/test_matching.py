"""Which names and dates of birth can be of one person."""

from typing import Any

import pytest

from gaap_identity.matching import is_same_person


def facts(name: str, *birth_dates: str) -> dict[str, Any]:
    """What is known of somebody."""
    return {"birth_dates": list(birth_dates), "names": [{"parts": [{"value": name}]}]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Thị Ngọc", "nguyen thi ngoc"),
        ("Đặng Văn Đức", "Dang Van Duc"),
        ("Nguyễn Thị Ngọc", "Ngọc Nguyễn Thị"),
        ("Siân O'Brien-Jones", "SIAN OBRIENJONES"),
        ("Straße", "STRASSE"),
        ("Zoë\ufe0f", "Zoe"),
        ("राम कुमार", "कुमार राम"),
        ("مُحَمَّد", "محمد"),
    ],
)
def test_names_that_are_one(one: str, other: str) -> None:
    assert is_same_person(facts(one), facts(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ngoc", "Ngo"),
        ("राम", "रमा"),
        ("सीता", "सुता"),
        ("मीना", "मना"),
        ("สุดา", "สดา"),
        ("กิ่ง", "กัง"),
        ("தமிழ்", "தமழ"),
    ],
)
def test_names_that_are_two(one: str, other: str) -> None:
    assert not is_same_person(facts(one), facts(other))


@pytest.mark.parametrize("nobody", ["", "---", "\u200b", "\u0e38", "‘’ 1"])
def test_what_has_no_letter_is_nobodys_name(nobody: str) -> None:
    assert not is_same_person(facts(nobody), facts(nobody))


@pytest.mark.parametrize(
    ("held", "told", "is_one"),
    [
        (["1984-02-29"], ["1984-02-29"], True),
        (["1984"], ["1984-02-29"], True),
        (["1984-02"], ["1984-02-29"], True),
        (["1984-02-29"], ["1984-02-28"], False),
        (["1984-02-29", "1980-01-01"], ["1980-01-01"], True),
        ([], ["1980-01-01"], True),
    ],
)
def test_dates_of_birth(held: list[str], told: list[str], is_one: bool) -> None:
    assert is_same_person(facts("Ngọc", *held), facts("Ngoc", *told)) is is_one
