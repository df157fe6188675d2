"""Template tags of the theme: one field, the error summary, and wrapping what may be empty."""

from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Token
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from gaap.theme.forms import summary_errors

register = template.Library()


@register.simple_tag
def field(bound: BoundField, **options: Any) -> SafeString:
    """Draw one field. ``heading=True`` makes its label the page's h1; ``prefix`` and ``suffix`` are short texts."""
    return bound.render(context={**options, "field": bound})


@register.inclusion_tag("gaap/components/error_summary.html")
def error_summary(form: BaseForm | str | None) -> dict[str, Any]:
    """Draw the error summary of a form, or nothing when there is no form or no error."""
    errors = list(summary_errors(form)) if isinstance(form, BaseForm) else []
    return {"errors": errors}


class WrappedNode(Node):
    """Renders its content inside a template, or nothing at all when the content is blank."""

    def __init__(self, template_name: FilterExpression, nodelist: NodeList) -> None:
        """Keep the template's name and the content."""
        self.template_name = template_name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """Render the content first, to see whether there is any."""
        content = self.nodelist.render(context).strip()
        if not content:
            return SafeString()
        name = self.template_name.resolve(context)
        # The content comes out of rendered nodes, each already escaped.
        return mark_safe(render_to_string(name, {"content": mark_safe(content)}))  # noqa: S308


@register.tag
def wrapped(parser: Parser, token: Token) -> WrappedNode:
    """``{% wrapped "x.html" %}...{% endwrapped %}``: x.html gets ``content``; blank content renders nothing."""
    _tag, template_name = token.split_contents()
    nodelist = parser.parse(("endwrapped",))
    parser.delete_first_token()
    return WrappedNode(parser.compile_filter(template_name), nodelist)
