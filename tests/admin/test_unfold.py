"""Our pages under django-unfold: in a process of its own, since a project has one theme or the other."""

import os
import subprocess
import sys

SCRIPT = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import reverse
from unfold.admin import ModelAdmin
setup_test_environment()
call_command("migrate", verbosity=0)
call_command("check", stdout=sys.stderr)
from django.contrib.auth import get_user_model
from django.utils import timezone
from customer_registration.models import AccountEvent, Customer
users = get_user_model().objects
boss = users.create(**{get_user_model().USERNAME_FIELD: "boss", "is_staff": True, "is_superuser": True})
jane = Customer.objects.create(user=users.create(**{get_user_model().USERNAME_FIELD: "jane"}), email="jane@example.com")
AccountEvent.of("password_changed", jane).save()
client = Client()
client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
ours = [each for each in admin.site._registry.values() if each.opts.app_label == "customer_registration"]
assert len(ours) >= 5 and all(isinstance(each, ModelAdmin) for each in ours)
pages = [reverse(f"admin:{each.opts.app_label}_{each.opts.model_name}_changelist") for each in ours]
listing, page = (f"admin:customer_registration_customer_{name}" for name in ("changelist", "change"))
pages.append(reverse(page, args=[jane.pk]))
for path in pages:
    answer = client.get(path)
    html = answer.content.decode()
    assert answer.status_code == 200, (path, answer.status_code)
    assert "unfold/css/styles.css" in html and "/static/customer_registration/" in html, path
assert 'form="unlock_' in html and "Password changed" in html
sent = {"action": "unlock", "_selected_action": jane.pk, "back_to": "row"}
asked = client.post(reverse(listing), sent)
assert "Forget the wrong codes" in asked.content.decode() and "unfold" in asked.content.decode()
done = client.post(reverse(listing), {**sent, "confirmed": "yes"})
assert done.url == reverse(page, args=[jane.pk]), done
assert AccountEvent.objects.filter(kind="customer_unlocked").exists()
print("well")
"""


def test_every_page_wears_unfold_where_it_is_installed():
    environment = {**os.environ, "ADMIN_THEME": "unfold"}
    for name in ("TEST_DATABASE_URL", "DATABASE_URL", "TEST_USER_MODEL"):
        environment.pop(name, None)
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, env=environment)
    assert (ran.stdout.strip(), ran.returncode) == ("well", 0), ran.stderr
