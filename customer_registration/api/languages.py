"""What a request says of the language that its sender reads."""

from django.conf import settings
from django.http import HttpRequest

from customer_registration.languages import supported

LOCALE_HEADER = "x-medusa-locale"


def spoken(request: HttpRequest) -> str:
    """Return the language that a request names, one of ``LANGUAGES``; "" where it names none.

    The storefront SDK's own header comes first: it says what the page speaks, where ``Accept-Language`` is what the
    browser was installed with. That counts where the project has Django's ``LocaleMiddleware``, and so does the cookie
    that its language switch sets. ``*``, which servers in JavaScript send by themselves, names none; a language that
    the project does not speak is that of its pages, ``LANGUAGE_CODE``.
    """
    if chosen := supported(request.headers.get(LOCALE_HEADER)):
        return chosen
    accepted = request.headers.get("accept-language", "").strip()
    names_one = bool(accepted) and not accepted.startswith("*")
    if not names_one and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        return ""
    return supported(getattr(request, "LANGUAGE_CODE", ""))
