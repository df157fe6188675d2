"""What both commands about a person ask for."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from gaap.actors import Actor
from gaap.privacy.people import Subject

SHELL = Actor("system", "command line", "command line")


def add_subject_arguments(parser: ArgumentParser) -> None:
    """Declare how the person is known, and why they are asked about."""
    parser.add_argument("--email", default="", help="an email address of the person")
    parser.add_argument("--phone", default="", help="a phone number of the person, with its country code")
    parser.add_argument("--account", default="", help="the id of the citizen's account")
    parser.add_argument("--purpose", required=True, help="why, for the audit, such as a case's number; names nobody")


def subject_of(options: Mapping[str, Any]) -> Subject:
    """Return the person whom the options name; raises ValueError when they name nobody."""
    return Subject.known_by(email=options["email"], phone=options["phone"], account=options["account"])
