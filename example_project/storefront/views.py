"""The pages through which people come in."""

from django.utils.translation import gettext_lazy as _

from example_project.storefront.pages import ShopView


class Home(ShopView):
    """The window of the shop."""

    template_name = "storefront/home.html"
    title = _("Things for a quiet house")
