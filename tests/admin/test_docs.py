"""`docs/admin.md` names every permission that our pages ask for, and its example group works."""

import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission

from tests.pages import run_example

DOCS = (Path(__file__).parents[2] / "docs" / "admin.md").read_text()
OURS = [each for each in admin.site._registry.values() if each.opts.app_label == "customer_registration"]


def test_the_page_names_every_permission_and_button():
    table = DOCS.partition("## Permissions")[2].partition("A group")[0]
    named = set(re.findall(r"`(\w+_\w+)`", table))
    needed = {f"view_{each.opts.model_name}" for each in OURS} | {"view_contacts_customer"}
    for each in OURS:
        for name in each.actions or ():
            needed |= {f"{verb}_{each.opts.model_name}" for verb in getattr(each, name).allowed_permissions}
    assert named == needed
    [customers] = [each for each in OURS if each.opts.model_name == "customer"]
    assert all(f"**{deed.button}**" in DOCS for deed in customers.deeds)


@pytest.mark.django_db
def test_the_group_of_the_example_has_what_it_says(monkeypatch):
    module = run_example(monkeypatch, DOCS, "shop/support.py")
    module.make_group()
    held = Group.objects.get(name="Support").permissions.values_list("codename", flat=True)
    assert set(held) == set(module.MAY)
    assert Permission.objects.filter(codename__in=module.MAY).count() == len(module.MAY)
