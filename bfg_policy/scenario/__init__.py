"""A folder or a file -> Scenario: validated, merged, plain data that knows where it stands.

The types are here; `scenario.loading` reads them.
"""

from bfg_policy.scenario.types import Acceptance, Actor, Record, Scenario, Waiver

__all__ = ["Acceptance", "Actor", "Record", "Scenario", "Waiver"]
