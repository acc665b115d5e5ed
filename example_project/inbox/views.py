"""Read what was sent. Both views answer 404 without DEBUG."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from example_project.inbox.models import InboxMessage

PAGE = 100


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the newest messages as a person would read them."""
    _only_while_developing()
    return render(request, "inbox/inbox.html", {"messages_sent": InboxMessage.objects.all()[:PAGE]})


@require_GET
def messages(request: HttpRequest) -> JsonResponse:
    """Return the newest messages, to ``?to=`` alone if given."""
    _only_while_developing()
    found = InboxMessage.objects.all()
    if to := request.GET.get("to"):
        # An unescaped "+" arrives as a space, which no address has.
        found = found.filter(to=to.replace("\0", "").replace(" ", "+"))
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
        for message in found[:PAGE]
    ]
    return JsonResponse({"messages": rows})


def _only_while_developing() -> None:
    if not settings.DEBUG:
        raise Http404
