"""The kernel that Identity, Pay and Notify share. It knows no component."""

import django_stubs_ext

# Lets annotations such as ModelAdmin[Payment] stand in the code; Django's own classes learn to be subscripted.
django_stubs_ext.monkeypatch()
