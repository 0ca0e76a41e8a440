"""What HTTP adds: the GraphQL door, persisted documents, caching, compression, health."""

from web.app import create_app
from web.health import Readiness
from web.operations import Context
from web.settings import Settings, environment_name

__all__ = ["Context", "Readiness", "Settings", "create_app", "environment_name"]
