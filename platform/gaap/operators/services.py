"""Making platform operators."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction

from gaap.actors import Actor
from gaap.audit.services import record
from gaap.operators.sign_in import sign_in


@transaction.atomic
def make_operator(email: str, *, password: str, by: Actor) -> User:
    """Make an operator who may do everything, or make one of the person who has this address.

    The address is taken on trust: whoever may do this may do anything. Somebody who has an account keeps their
    password.
    """
    email = email.strip().lower()
    model = get_user_model()
    user = model._default_manager.filter(username__iexact=email).first()
    if user is None:
        user = model._default_manager.create_user(email, email, password)
    if user.is_superuser:
        return user
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    sign_in().trust_address(user)
    record("operator_made", target=user, by=by, after={"email": email})
    return user
