"""Tests of policies: suites in YAML, what they cover, and whether a weakened policy fails them.

`testing.reading` makes cases out of files, `testing.running` judges them, `testing.coverage` tells
what none of them looks at, and `testing.mutation` weakens the pack under them.
"""
