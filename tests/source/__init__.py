"""Tests of bfg_policy.source."""
