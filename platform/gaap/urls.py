"""Everything that the kernel and the installed components serve; include it at the root of the host."""

from gaap.components import component_urls

urlpatterns = component_urls()
