"""Pack x Scenario x instant -> Readiness: proofs, claims, statuses, and what follows from them."""

from bfg_policy.evaluation.judging import judge

__all__ = ["judge"]
