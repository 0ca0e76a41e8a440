"""Who took part in which packages, whatever the case of their logins."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalogue.columns import Column
from catalogue.facets import Facet, Facets
from catalogue.tables import Difference, Table
from catalogue.turns import Turns, sorted_keys
from upstream.records import Package, Participant


@dataclass(frozen=True, eq=False, repr=False)
class Participants:
    """All participants, by case-folded login. A login is written as in the package with the lowest id.

    `bots` are the logins of bots, `logins` are all, in order. `by_packages` has those in most packages first, then by
    login; its values are negative.
    """

    known: Mapping[str, Participant] = field(default_factory=dict)
    bots: frozenset[str] = frozenset()
    logins: list[str] = field(default_factory=list)
    by_packages: Column[str, int] = field(default_factory=Column)
    facets: Facets = field(default_factory=Facets)
    packages: Table[Package] = field(default_factory=Table)

    def __len__(self) -> int:
        return len(self.known)

    def get(self, login: str) -> Participant | None:
        """Return the participant with this login, in whatever case."""
        return self.known.get(login.casefold())

    def package_count(self, participant: Participant) -> int:
        """Return how many packages a participant took part in."""
        return len(self.facets[facet_of(participant)])

    def collaborators(self, participant: Participant) -> Counter[str]:
        """Return with whom a participant shares how many packages, by case-folded login."""
        shared = Counter(
            login
            for key in self.facets[facet_of(participant)]
            for login in {login.casefold() for login in self.packages.rows[key].participants}
        )
        del shared[participant.login.casefold()]
        return shared

    async def evolved(
        self, differences: Sequence[Difference[Package]], packages: Table[Package], facets: Facets, turns: Turns
    ) -> "Participants":
        """Return the participants with these differences, of the packages and facets that have them already."""
        known, bots = dict(self.known), set(self.bots)
        counts: dict[str, int | None] = {}
        async for part in turns.parts(await _touched(differences, turns)):
            for login in part:
                ids = facets["participant", login]
                if ids:
                    known[login] = _written(login, packages.rows[ids[0]])
                    if known[login].is_bot:
                        bots.add(login)
                else:
                    known.pop(login, None)
                    bots.discard(login)
                count = -len(ids) or None
                if count != self.by_packages.values.get(login):
                    counts[login] = count
        came = [login for login, count in counts.items() if count is not None and login not in self.known]
        gone = {login for login, count in counts.items() if count is None}
        logins = await sorted_keys(self.logins, gone, came, turns)
        by_packages = await self.by_packages.evolved(counts, logins, turns)
        return Participants(known, frozenset(bots), logins, by_packages, facets, packages)


def facet_of(participant: Participant) -> Facet:
    """Return the facet of who took part."""
    return "participant", participant.login.casefold()


async def _touched(differences: Sequence[Difference[Package]], turns: Turns) -> set[str]:
    """Return the case-folded logins of the packages whose participants differ."""
    touched: set[str] = set()
    async for part in turns.parts(differences):
        for before, after in part:
            was, now = before.participants if before else (), after.participants if after else ()
            if was != now:
                touched.update([login.casefold() for login in (*was, *now)])
    return touched


def _written(login: str, package: Package) -> Participant:
    return Participant(next(each for each in package.participants if each.casefold() == login))
