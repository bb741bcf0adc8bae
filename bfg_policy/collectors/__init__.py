"""Evidence from real systems: what was observed, section by section, becomes a record.

Nothing of these modules is imported before somebody asks for a collector: what they need (a
driver, certificates) is an extra of the product.
"""
