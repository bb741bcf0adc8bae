"""The servers and the project, for all tests of the collectors."""

from tests.collectors.lab import nothing_is_set, project, server, server15, server18

__all__ = ["nothing_is_set", "project", "server", "server15", "server18"]
