"""How many examples hypothesis and the fuzzers try.

`EXAMPLES=1000 script/test tests/kmp` tries ten times as many as a normal run.
"""

from __future__ import annotations

import os

from hypothesis import settings

# C++ that does not compile is one error here, not one in each of the files.
import kmp.library  # noqa: F401

settings.register_profile(
    "multical", deadline=None, max_examples=int(os.environ.get("EXAMPLES", "100"))
)
settings.load_profile("multical")
