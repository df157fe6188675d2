"""The citizens who go on the journey, each one new."""

import secrets
from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A citizen who signs up for the first time.

    ``persona`` is the one picked in the sandbox of identity checks and ``name`` the name that must come back.
    """

    email: str
    password: str
    phone: str
    persona: str
    name: str


def new_british_person() -> Person:
    """Return Harriet, with an address that nobody had before."""
    return Person(_new_email("harriet"), _new_password(), _new_british_phone(), "harriet", "Harriet Rose Clarke")


def new_welsh_person() -> Person:
    """Return Llŷr, whose name has letters that few systems expect."""
    return Person(_new_email("llyr"), _new_password(), _new_british_phone(), "llyr", "Llŷr ap Rhŷs")


def new_vietnamese_person() -> Person:
    """Return Ngọc, whose family name comes first, with a Vietnamese mobile number."""
    phone = f"+84912{secrets.randbelow(1_000_000):06}"
    return Person(_new_email("ngoc"), _new_password(), phone, "ngoc", "Nguyễn Thị Ngọc")


def _new_british_phone() -> str:
    """Return a number of the range kept for television, without those at its beginning that simulate something."""
    return f"+447700900{300 + secrets.randbelow(700):03}"


def _new_email(name: str) -> str:
    return f"{name}.{secrets.token_hex(4)}@example.org"


def _new_password() -> str:
    return f"harbour {secrets.token_hex(6)} lantern"
