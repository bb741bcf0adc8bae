"""Revisions of a git repository, read from its objects: no work tree and no index is touched."""

from bfg_policy.revisions.extracting import Selection, extract
from bfg_policy.revisions.git import Repository, knows, open_repository, resolve

__all__ = ["Repository", "Selection", "extract", "knows", "open_repository", "resolve"]
