"""Messages that were sent, so that a person trying the shop can read them. Shared by all processes."""

from typing import ClassVar

from django.db import models

from example_project.inbox.codes import code_in


class InboxMessage(models.Model):
    """One e-mail or text message as it arrived."""

    to = models.CharField(max_length=254, db_index=True)
    channel = models.CharField(max_length=16)
    subject = models.TextField(blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"

    @property
    def is_mail(self) -> bool:
        """Whether it came as an e-mail; anything else came to a phone."""
        return self.channel == "email"

    @property
    def code(self) -> str:
        """The code to copy, if it brings one."""
        return code_in(self.text, among_words=not self.is_mail)

    @property
    def beginning(self) -> str:
        """The first words of a mail, for a list."""
        return " ".join(self.text.split())[:120]
