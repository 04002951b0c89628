"""The roster (贫困户信息采集表) that every banner has, read into registry ops."""

from ledger.roster.parse import Remark, RosterHousehold, RosterParser, columns, map_headings
from ledger.roster.reader import Cells, NotARoster, read
from ledger.roster.sites import RosterSite, SiteParser

__all__ = [
    "Cells",
    "NotARoster",
    "Remark",
    "RosterHousehold",
    "RosterParser",
    "RosterSite",
    "SiteParser",
    "columns",
    "map_headings",
    "read",
]
