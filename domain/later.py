"""Modules that are loaded when they are first looked into: heavy ones that most processes never need."""

import importlib.util
import sys
from typing import Any


def later(name: str) -> Any:
    """Give the module ``name``, which runs when something in it is first asked for.

    For what costs tens of milliseconds or megabytes and is needed by a few commands or requests only. A name that does
    not exist is an error at once; a defect inside shows on first use.

    Raises:
        ModuleNotFoundError: there is no such module.

    >>> later("calendar").isleap(2028)
    True
    """
    loaded = sys.modules.get(name)
    if loaded is not None:
        return loaded
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
