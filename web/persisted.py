"""Persisted documents: automatic ones by their hash, and trusted ones from a manifest."""

import hashlib
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any, Final

import msgspec
from cachetools import LRUCache

from settings import SettingError
from web.errors import RequestError, bad_request
from web.parameters import Parameters
from web.shared_documents import SharedDocuments

MAX_STORE_BYTES: Final = 16 * 1024 * 1024
"""Text of automatically persisted documents that is kept."""


class _ApolloOperation(msgspec.Struct):
    id: str
    body: str


class UnknownDocumentError(RequestError):
    """An automatically persisted document is not known here; another gateway may know it."""

    def __init__(self, key: str) -> None:
        super().__init__(400, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound", well_formed=True)
        self.key = key


class PersistedDocuments:
    """Finds the text of the document that a request names.

    `trusted` maps ids to texts; with `trusted_only` no other text is given out. Those that clients registered
    are kept while they are used: the least recently used go first. `shared` are those that gateways tell each other.
    """

    def __init__(
        self, trusted: dict[str, str], *, trusted_only: bool = False, shared: SharedDocuments | None = None
    ) -> None:
        self.shared = shared
        self._trusted = {_bare(named): text for named, text in trusted.items()}
        self._texts = frozenset(trusted.values())
        self._trusted_only = trusted_only
        self._automatic: LRUCache[str, str] = LRUCache(MAX_STORE_BYTES, getsizeof=len)

    def text(self, parameters: Parameters) -> str:
        """Return the text to run. Raises `RequestError`: none is given, it is unknown, or it is not trusted."""
        if parameters.extensions and parameters.extensions.get("persistedQuery") is not None:
            return self._persisted(parameters, parameters.extensions["persistedQuery"])
        named = parameters.document_id or parameters.doc_id or parameters.id
        if parameters.query is not None:
            if named and parameters.document_id:
                raise bad_request("Give either `query` or `documentId`, not both.")
            return self._allowed(parameters.query)
        if named:
            return self._known(named)
        raise bad_request("A `query` is missing: the text of a GraphQL document.")

    def register(self, parameters: Parameters, text: str) -> None:
        """Keep the text of a valid document that came together with its hash, as the parameters say (`registers`)."""
        assert parameters.extensions is not None
        key = _bare(parameters.extensions["persistedQuery"]["sha256Hash"])
        if key in self._automatic or key in self._trusted:
            return
        if len(text) <= self._automatic.maxsize:
            self._automatic[key] = text
            if self.shared is not None:
                self.shared.put(key, text)

    async def look_up(self, unknown: UnknownDocumentError) -> str:
        """Return the text of a document that another gateway was told. Raises the error: none was."""
        text = await self.shared.get(unknown.key) if self.shared is not None else None
        if text is None:
            raise unknown
        self._automatic[unknown.key] = text
        return text

    def _persisted(self, parameters: Parameters, persisted: Any) -> str:
        """Follow Apollo's protocol for automatically persisted queries, version 1."""
        if not isinstance(persisted, dict) or not isinstance(persisted.get("sha256Hash"), str):
            raise bad_request("`extensions.persistedQuery` must be an object with `version` and `sha256Hash`.")
        if persisted.get("version") != 1:
            raise bad_request("Unsupported persisted query version; this server knows version 1.")
        key = _bare(persisted["sha256Hash"])
        if parameters.query is None:
            return self._known(key)
        if parameters.query != self._trusted.get(key) and key != _sha256(parameters.query):
            raise bad_request("The provided sha256Hash does not match the query.")
        return self._allowed(parameters.query)

    def _allowed(self, text: str) -> str:
        if self._trusted_only and text not in self._texts:
            raise RequestError(403, "QUERY_NOT_IN_SAFELIST", "Only trusted documents run here.", well_formed=True)
        return text

    def _known(self, named: str) -> str:
        key = _bare(named)
        text = self._trusted.get(key) or self._automatic.get(key)
        if text is not None:
            return text
        if self._trusted_only:
            message = "This document is not among the trusted ones."
            raise RequestError(400, "PERSISTED_QUERY_NOT_IN_LIST", message, well_formed=True)
        raise UnknownDocumentError(key)


def read_manifest(path: Path) -> dict[str, str]:
    """Read a manifest of trusted documents: their texts by id.

    Two formats: Apollo's (`apollo-persisted-query-manifest`, a list of `operations` with `id` and `body`), and the
    map of id to text that relay-compiler and graphql-codegen write. Raises `SettingError`.
    """
    try:
        manifest = msgspec.json.decode(path.read_bytes().removeprefix(BOM_UTF8), type=dict[str, Any])
        if isinstance(manifest.get("operations"), list):
            operations = msgspec.convert(manifest["operations"], list[_ApolloOperation])
            return {operation.id: operation.body for operation in operations}
        return msgspec.convert(manifest, dict[str, str])
    except OSError as error:
        raise SettingError("trusted_documents", f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingError("trusted_documents", f"{path}: {error}") from None


def _bare(named: str) -> str:
    """Return a document's id without the prefix of a hash (GraphQL over HTTP, appendix A)."""
    return named.removeprefix("sha256:")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
