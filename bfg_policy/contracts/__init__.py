"""Contracts (JSON Schema, offline), and what is wrong with a document by them."""

from bfg_policy.contracts.located import Located
from bfg_policy.contracts.registry import Contracts, file_name, load_contracts

__all__ = ["Contracts", "Located", "file_name", "load_contracts"]
