"""Reading templates and trying them out (spec A.10)."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from gaap.api.idempotency import idempotent
from gaap_notify.api.v2 import documentation as docs
from gaap_notify.api.v2 import schemas
from gaap_notify.api.v2.base import ContractView, caller_of
from gaap_notify.api.v2.representations import show_template
from gaap_notify.api.v2.validation import read_id, read_json, read_query, validate
from gaap_notify.models import Template
from gaap_notify.services.drafts import write_draft
from gaap_notify.services.previews import email_page
from gaap_notify.services.service_settings import settings_of
from gaap_notify.services.templates import current_version, find_template, find_version


class TemplateListView(ContractView):
    """``/v2/templates``: the templates in use."""

    required_scope = "notify:read"

    @extend_schema(**docs.LIST_TEMPLATES)
    def get(self, request: Request) -> Response:
        """Return every template that is not archived, by name and type."""
        query = read_query(request.query_params, schemas.LIST_TEMPLATES)
        found = Template.objects.for_service(caller_of(request).service.pk).in_use()
        rows = found.filter(type=query["type"]) if query else found
        return Response({"templates": [show_template(row, current_version(row)) for row in rows]})


class TemplateView(ContractView):
    """``/v2/template/{id}``: a template as it is now."""

    required_scope = "notify:read"

    @extend_schema(**docs.GET_TEMPLATE)
    def get(self, request: Request, template_id: str) -> Response:
        """Return the current version, also of an archived template."""
        template = find_template(caller_of(request).service.pk, read_id(template_id, schemas.TEMPLATE_ID))
        return Response(show_template(template, current_version(template)))


class TemplateVersionView(ContractView):
    """``/v2/template/{id}/version/{number}``: a template as it was."""

    required_scope = "notify:read"

    @extend_schema(**docs.GET_TEMPLATE_VERSION)
    def get(self, request: Request, template_id: str, number: int) -> Response:
        """Return one version; 0 is the current one."""
        found_id = read_id(template_id, schemas.TEMPLATE_ID)
        version = find_version(caller_of(request).service.pk, found_id, number)
        return Response(show_template(version.template, version))


class TemplatePreviewView(ContractView):
    """``/v2/template/{id}/preview``: a message as it would be."""

    required_scope = "notify:read"
    write_limit = "notify-read"

    @extend_schema(**docs.PREVIEW_TEMPLATE)
    @idempotent
    def post(self, request: Request, template_id: str) -> Response:
        """Return the current version with its gaps filled; nothing is stored or sent."""
        service = caller_of(request).service
        template = find_template(service.pk, read_id(template_id, schemas.TEMPLATE_ID))
        data = validate(read_json(request, is_optional=True), schemas.PREVIEW)
        version = current_version(template)
        draft = write_draft(
            version,
            data.get("personalisation", {}),
            settings=settings_of(service.pk),
            service_name=service.name,
        )
        is_email = template.type == "email"
        answer: dict[str, Any] = {
            "id": str(template.pk),
            "type": template.type,
            "version": version.number,
            "body": draft.body,
            "html": None,
            "subject": None if template.type == "sms" else draft.subject,
            "postage": version.postage or None,
        }
        if is_email:
            answer["html"] = email_page(version, draft, language=service.languages[0])
        return Response(answer)
