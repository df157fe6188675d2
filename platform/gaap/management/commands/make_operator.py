"""``make_operator EMAIL``: let somebody into the operators' admin."""

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from gaap.actors import Actor
from gaap.operators.services import make_operator

SHELL = Actor("system", "make_operator", "command line")


class Command(BaseCommand):
    """Makes a platform operator."""

    help = "Make a platform operator, or make one of a team member. The password is asked for, or read from a pipe."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address."""
        parser.add_argument("email", help="Work email address; it is the operator's name.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the operator."""
        email = options["email"]
        password = sys.stdin.readline().rstrip("\n") if not sys.stdin.isatty() else getpass.getpass("Password: ")
        try:
            validate_email(email)
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        make_operator(email, password=password, by=SHELL)
        self.stdout.write(f"{email} may sign in at /admin/.")
