"""The static check of a rule against the types of its variables; it begins in `checker`."""
