"""What one answer names is there for the next request: the links that schemathesis infers from /openapi.json."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis.stateful import run_state_machine_as_test

pytest.importorskip("schemathesis", reason='needs schemathesis: pip install -e ".[fuzz]"')

from customer_registration import ratelimits
from tests.fuzz.budget import budget
from tests.fuzz.conftest import Caller
from tests.fuzz.door import CHECKS, described


def test_a_customers_answers_lead_on(callers: list[Caller]) -> None:
    [jane] = [caller for caller in callers if caller.name == "customer"]
    led_on: set[str] = set()

    class Customer(described.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            ratelimits.reset()
            self.example = transaction.atomic()
            self.example.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": jane.headers}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            # With what was sent and answered before: `use_after_free` and its like look back.
            case.validate_response(response, checks=CHECKS, headers=jane.headers, recorder=self.recorder)
            found = response.status_code == 200 or b"otp_invalid" in response.content
            if found and "factor_id" in case.path_parameters:
                led_on.add(case.operation.label)

    run_state_machine_as_test(Customer, settings=budget(15, stateful_step_count=8))
    assert led_on, "some request was about a factor that an earlier one had made"
