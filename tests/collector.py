"""The garbage collector has little to do here, and took a twentieth of the suite's time."""

import gc

THRESHOLDS = (10_000, 20, 20)


def pytest_collection_finish() -> None:
    """Keep the collector from looking through all of Django again and again: what is here by now stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
