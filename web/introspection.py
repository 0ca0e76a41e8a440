"""Who may read the schema: everyone, nobody, or only a router that presents the secret."""

import hmac
import re
from collections.abc import Mapping
from typing import Any, Final

from graphql import DocumentNode, FieldNode, GraphQLError, GraphQLSchema, ValidationRule, validate

from settings import Settings

SECRET_HEADER: Final = b"x-router-secret"
CODE: Final = "INTROSPECTION_DISABLED"
MESSAGE: Final = "The schema is not public here: only a router that presents the secret may read it."

_FIELDS = ("__schema", "__type", "_service")
_WORDS = re.compile(rf"\b({'|'.join(_FIELDS)})\b")


def hides_schema(settings: Settings) -> bool:
    """Whether there are requests that may not read the schema."""
    return settings.router_secret is not None or not settings.introspection


def may_introspect(headers: Mapping[bytes, bytes], settings: Settings) -> bool:
    """Whether a request may read the schema."""
    if settings.router_secret is None:
        return settings.introspection
    return hmac.compare_digest(headers.get(SECRET_HEADER, b""), settings.router_secret.encode())


def introspection(schema: GraphQLSchema, text: str, document: DocumentNode) -> list[GraphQLError]:
    """Return an error for each field by which a document reads the schema (spec, 4.2; Federation's `_service`)."""
    # Most documents do not even hold the words.
    return validate(schema, document, [_NoIntrospection]) if _WORDS.search(text) else []


class _NoIntrospection(ValidationRule):
    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value in _FIELDS:
            self.report_error(GraphQLError(f"{MESSAGE} `{node.name.value}` is refused.", node))
