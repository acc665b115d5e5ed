"""Every test counts from none."""

import sys


def forget_counters() -> None:
    """Forget what was counted in this process's memory, and the text messages kept in it; load nothing for it.

    Before every test, as Django empties ``mail.outbox``: else the twenty-first registration of a test run would be
    refused. Counters in Redis stay, for others may be counting there.
    """
    engine = sys.modules.get("customer_registration.ratelimits.engine")
    if engine is not None and engine._build_once.cache_info().currsize:
        engine.build_storage("memory://").reset()
    locmem = sys.modules.get("customer_registration.messaging.backends.locmem")
    if locmem is not None:
        locmem.outbox.clear()
