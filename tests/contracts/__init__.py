"""Tests of bfg_policy.contracts."""
