"""The upstream's REST API, and the catalogue read through it."""

from upstream.catalogue import Catalogue
from upstream.client import Client
from upstream.faults import BadInputError, CatalogueError, UpstreamError
from upstream.filters import (
    GridFilter,
    OrderDirection,
    PackageFilter,
    PackageOrder,
    PackageOrderBy,
    ParticipantFilter,
    ParticipantOrder,
)
from upstream.index import Index
from upstream.mirror import Mirror, SyncSettings
from upstream.records import Category, Grid, Package, Participant, R, Record, SearchHit

__all__ = [
    "BadInputError",
    "Catalogue",
    "CatalogueError",
    "Category",
    "Client",
    "Grid",
    "GridFilter",
    "Index",
    "Mirror",
    "OrderDirection",
    "Package",
    "PackageFilter",
    "PackageOrder",
    "PackageOrderBy",
    "Participant",
    "ParticipantFilter",
    "ParticipantOrder",
    "R",
    "Record",
    "SearchHit",
    "SyncSettings",
    "UpstreamError",
]
