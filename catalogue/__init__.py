"""What we hold: the records at hand, their indexes and search, the mirror that reads them all and its store."""

from catalogue.catalogue import Catalogue
from catalogue.changes import ChangeKind
from catalogue.filters import (
    GridFilter,
    GridOrder,
    GridOrderBy,
    OrderDirection,
    PackageFilter,
    PackageOrder,
    PackageOrderBy,
    ParticipantFilter,
    ParticipantOrder,
    ParticipantOrderBy,
)
from catalogue.index import Index
from catalogue.mirror import Mirror, SyncSettings
from catalogue.pages import UnreadRow
from catalogue.state import Failure

__all__ = [
    "Catalogue",
    "ChangeKind",
    "Failure",
    "GridFilter",
    "GridOrder",
    "GridOrderBy",
    "Index",
    "Mirror",
    "OrderDirection",
    "PackageFilter",
    "PackageOrder",
    "PackageOrderBy",
    "ParticipantFilter",
    "ParticipantOrder",
    "ParticipantOrderBy",
    "SyncSettings",
    "UnreadRow",
]
