"""The page that Prometheus reads: for whom, in which words, and of how many processes."""

import os
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from django.test import Client
from django.urls import path

prometheus_client = pytest.importorskip("prometheus_client", reason="install the prometheus extra")

from customer_registration.contrib.prometheus import exposition  # noqa: E402
from customer_registration.contrib.prometheus.views import MetricsView  # noqa: E402
from customer_registration.signals import request_refused  # noqa: E402
from tests.monitoring.test_prometheus import parsed  # noqa: E402

ROOT = Path(__file__).parents[2]

urlpatterns = [path("metrics", MetricsView.as_view()), path("private", MetricsView.as_view(token="of-prometheus"))]

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.monitoring.test_metrics_page")]


def test_it_may_want_a_token():
    assert Client().get("/private").status_code == 403
    assert Client().get("/private", headers={"authorization": "Bearer of-prometheus"}).status_code == 200


def test_a_scraper_that_speaks_openmetrics_is_understood():
    answer = Client().get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.content.endswith(b"# EOF\n")
    assert answer.content.count(b"# EOF") == 1


@pytest.mark.parametrize(
    "accept", ["application/openmetrics-text; version=abc", "text/plain; version=a.b", ";;,=", "é"]
)
def test_whoever_speaks_nonsense_gets_text(accept):
    answer = Client().get("/metrics", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")


COUNT = """
import django, sys
django.setup()
from customer_registration.signals import request_refused
for _ in range(int(sys.argv[1])):
    request_refused.send(None, rule="register")
from customer_registration.contrib.prometheus import exposition
from prometheus_client import generate_latest
print(generate_latest(exposition.everything(with_vitals=False)).decode())
"""


def test_many_processes_count_together(tmp_path):
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    said = ""
    for times in (2, 3):
        command = [sys.executable, "-c", COUNT, str(times)]
        said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert parsed(said)["requests_refused_total", (("rule", "register"),)] == 5


def test_a_process_without_a_web_server_serves_its_own(monkeypatch):
    started = []
    monkeypatch.setattr(
        exposition,
        "start_http_server",
        lambda *arguments, **options: started.append(prometheus_client.start_http_server(*arguments, **options)),
    )
    exposition.serve(0)
    [(server, thread)] = started
    request_refused.send(None, rule="login")
    with closing(urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/metrics", timeout=5)) as answer:
        told = parsed(answer.read().decode())
    server.shutdown()
    server.server_close()
    thread.join()
    assert ("requests_refused_total", (("rule", "login"),)) in told
    assert ("database_up", ()) not in told


def test_a_project_without_it_connects_nobody():
    code = (
        "import django, sys; from django.conf import settings;"
        "settings.configure(SECRET_KEY='x' * 60, USE_TZ=True, INSTALLED_APPS=['django.contrib.auth',"
        " 'django.contrib.contenttypes', 'customer_registration']); django.setup();"
        "from customer_registration import signals;"
        "names = ('login_attempted', 'code_tried', 'code_issued', 'request_refused', 'message_attempted');"
        "print([name for name in names if getattr(signals, name).has_listeners()], 'prometheus_client' in sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "[] False", done.stderr
