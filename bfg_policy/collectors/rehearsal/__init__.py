"""`bfg-policy rehearse`: the snapshot goes through the target and back, and nothing of it stays.

`rehearsal.running` walks through it; each section has a module of its own.
"""
