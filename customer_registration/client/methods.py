"""Make a client's method look like the route it runs, so that ``help()`` and editors show one text for both clients."""

import inspect
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, get_args

Method = TypeVar("Method", bound=Callable[..., Any])


def named_after(route: Callable[..., Any], method: Method) -> Method:
    """Give a method the name, the text and, with ``self`` before them, the arguments of a route."""
    signature = inspect.signature(route)
    myself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    result = get_args(signature.return_annotation)[0]  # Call[Result]
    update_wrapper(method, route)
    setattr(  # noqa: B010  # no attribute that a type checker knows
        method,
        "__signature__",
        signature.replace(parameters=[myself, *signature.parameters.values()], return_annotation=result),
    )
    return method
