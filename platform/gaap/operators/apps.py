"""The operators' admin as a Django app, in place of ``django.contrib.admin``."""

from django.contrib.admin.apps import AdminConfig


class OperatorAdminConfig(AdminConfig):
    """Django's admin with the platform's own site."""

    default_site = "gaap.operators.site.OperatorSite"
