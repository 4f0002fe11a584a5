"""What the tests of the vocabulary share."""

from __future__ import annotations

from hypothesis import settings

# No deadline: two shared cores make single examples slow now and then, and that is no fault.
settings.register_profile("prolong", deadline=None, max_examples=60)
settings.load_profile("prolong")
