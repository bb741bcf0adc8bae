"""The BFG pack and its scenarios: held against a second reading, and against mistakes."""

import pytest

pytest.register_assert_rewrite("tests.bfg.agreement")
