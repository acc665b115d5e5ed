"""Read what was sent. Both views answer 404 without DEBUG."""

from typing import Any

from django.conf import settings
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from example_project.inbox.models import InboxMessage
from example_project.storefront.pages import CONTENT_SECURITY_POLICY, ShopView

PAGE = 100
ADDRESSES = 50


class Inbox(ShopView):
    """A phone and a mail program side by side: the conversation, the list of mails and the one that is open.

    ``?to=`` shows one address alone, ``?mail=`` opens a mail, ``?plain=1`` without its HTML. Small screens show one of
    the two, ``?show=phone`` or ``?show=mail``. With ``?after=`` the page says how many messages are newer.
    """

    template_name = "inbox/inbox.html"
    title = _("Inbox")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let mails have the styles that they came with: a frame's document is under the page's policy too."""
        _only_while_developing()
        response = super().dispatch(request, *args, **kwargs)
        policy = CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
        response.headers["Content-Security-Policy"] = policy
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the template the messages."""
        request, found = self.request, _messages(self.request)
        newest = found.first()
        mails = list(found.filter(channel="email")[:PAGE])
        chosen = found.filter(channel="email", pk=_number(request, "mail") or 0).first()
        return super().get_context_data(
            **{
                "to": _to(request),
                "texts_received": list(found.exclude(channel="email")[:PAGE])[::-1],
                "mails": mails,
                "mail": chosen or next(iter(mails), None),
                "is_chosen": chosen is not None,
                "is_plain": request.GET.get("plain") == "1",
                "show": _shown(request, newest, chosen),
                "newest": newest.pk if newest else 0,
                "arrived": _after(found, request).count() if "after" in request.GET else 0,
                "addresses": _addresses(),
                **kwargs,
            }
        )


@require_GET
def messages(request: HttpRequest) -> JsonResponse:
    """Return the newest messages: to ``?to=`` alone, and newer than the one with the id ``?after=``, if given."""
    _only_while_developing()
    rows = [
        {
            "id": message.pk,
            "to": message.to,
            "channel": message.channel,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "sent_at": message.sent_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        for message in _after(_messages(request), request)[:PAGE]
    ]
    return JsonResponse({"messages": rows})


def _only_while_developing() -> None:
    if not settings.DEBUG:
        raise Http404


def _to(request: HttpRequest) -> str:
    # An unescaped "+" arrives as a space, which no address has.
    return request.GET.get("to", "").replace("\0", "").replace(" ", "+")


def _messages(request: HttpRequest) -> QuerySet[InboxMessage]:
    found = InboxMessage.objects.all()
    return found.filter(to=_to(request)) if request.GET.get("to") else found


def _after(found: QuerySet[InboxMessage], request: HttpRequest) -> QuerySet[InboxMessage]:
    after = _number(request, "after")
    return found if after is None else found.filter(pk__gt=after)


def _number(request: HttpRequest, name: str) -> int | None:
    """Return the id in a query string; whatever is no id is as absent."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _shown(request: HttpRequest, newest: InboxMessage | None, chosen: InboxMessage | None) -> str:
    """Return which of the two a small screen shows: the one asked for, else the one with the newest message."""
    if request.GET.get("show") in ("phone", "mail"):
        return request.GET["show"]
    return "phone" if newest and not newest.is_mail and not chosen else "mail"


def _addresses() -> QuerySet[InboxMessage, Any]:
    newest_first = InboxMessage.objects.values("to").annotate(newest=Max("pk")).order_by("-newest")
    return newest_first.values_list("to", flat=True)[:ADDRESSES]
