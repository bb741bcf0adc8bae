"""The servers, for all tests of the database."""

from tests.database.servers import server, server15, server18, server_alone

__all__ = ["server", "server15", "server18", "server_alone"]
