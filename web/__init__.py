"""What HTTP adds: the GraphQL endpoint, persisted documents, caching, compression, health."""

from web.app import create_app
from web.context import Context
from web.health import Readiness

__all__ = ["Context", "Readiness", "create_app"]
