"""Gunicorn reads this file by itself: ``gunicorn`` in this folder serves the example project."""

import ctypes
import os

wsgi_app = "example_project.wsgi:application"

# Every interface, since a container's published port does not reach the loopback one.
bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"

# Processes for the hashing of passwords, which keeps a core busy, threads for the waiting on the database. With more
# than one worker, counters in one process's memory let each worker count on its own: set REDIS_URL in production.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4

# Hashing a password takes 19 MiB for 20 ms. glibc would keep that much for each thread, in a heap of its own; with one
# heap for all of a worker, a hash takes again what the last one has left. That is not given back to the system: to get
# it anew would cost each hash 10 ms. Other C libraries have neither these heaps nor the function.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # from malloc.h
if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
    mallopt(M_ARENA_MAX, 1)
    mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024)  # bytes; what is larger than this goes back at once
    mallopt(M_TRIM_THRESHOLD, 128 * 1024 * 1024)  # bytes; what is free beyond this goes back

# No route takes seconds: a worker that answers nobody for so long hangs. On a deploy, requests under way may finish.
timeout = 30
graceful_timeout = 30

# Longer than most load balancers keep an idle connection (60 s), so that it is they who close it, not we mid-request.
keepalive = 75

# A fresh process now and then, not all at the same time, bounds what a leak anywhere can cost.
max_requests = 10_000
max_requests_jitter = 1_000

# Each worker loads the application itself: forks would share database and Redis connections opened on the way.
preload_app = False

# The path without its query string, which may hold an e-mail address or a token.
accesslog = "-"
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'
