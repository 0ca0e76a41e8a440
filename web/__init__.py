"""What HTTP adds: the GraphQL endpoint, persisted documents, caching, compression, health."""

from web.app import create_app
from web.health import Readiness
from web.operations import Context

__all__ = ["Context", "Readiness", "create_app"]
