"""What we hold: the records at hand, their indexes and search, the mirror that reads them all and its store."""

from catalogue.catalogue import Catalogue
from catalogue.filters import (
    GridFilter,
    OrderDirection,
    PackageFilter,
    PackageOrder,
    PackageOrderBy,
    ParticipantFilter,
    ParticipantOrder,
)
from catalogue.index import Index
from catalogue.mirror import Mirror, SyncSettings

__all__ = [
    "Catalogue",
    "GridFilter",
    "Index",
    "Mirror",
    "OrderDirection",
    "PackageFilter",
    "PackageOrder",
    "PackageOrderBy",
    "ParticipantFilter",
    "ParticipantOrder",
    "SyncSettings",
]
