"""The platform's own service: what it sends in its own name, such as codes, belongs to it."""

from uuid import UUID

from django.db import IntegrityError, transaction

from gaap.actors import SYSTEM
from gaap.conf import conf as kernel_conf
from gaap.organisations.models import Organisation, Service
from gaap.organisations.services import create_organisation, create_service
from gaap_notify.models import NotifySettings
from gaap_notify.models.service_settings import Alphabet, Permission

#: Fixed, so that every process finds the same service.
PLATFORM_SERVICE_ID = UUID("7f0c2a51-3f0e-4c0b-9a43-5f6c0d8e2b17")


def platform_service() -> Service:
    """Return the platform's own service; it is made when it is first needed."""
    return Service.objects.filter(pk=PLATFORM_SERVICE_ID).first() or _make()


def _make() -> Service:
    try:
        with transaction.atomic():
            return _create()
    except IntegrityError:
        # Another process made it at the same moment.
        return Service.objects.get(pk=PLATFORM_SERVICE_ID)


def _create() -> Service:
    brand = kernel_conf.brand
    organisation = Organisation.objects.filter(name=brand["organisation"]).first()
    organisation = organisation or create_organisation(brand["organisation"], type=Organisation.Type.CENTRAL, by=SYSTEM)
    service = create_service(
        brand["name"],
        organisation=organisation,
        by=SYSTEM,
        is_live=True,
        languages=[code for code, _ in kernel_conf.languages],
        id=PLATFORM_SERVICE_ID,
    )
    NotifySettings.objects.create(
        service=service, permissions=Permission.values, has_sms_prefix=False, sms_alphabet=Alphabet.UNICODE
    )
    return service
