"""Who took part in which packages, whatever the case of their logins."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from catalogue.collector import settled
from catalogue.columns import Column
from catalogue.facets import Facet, Facets
from catalogue.tables import Difference, Table
from catalogue.turns import Turns, sorted_keys
from upstream.records import BOT, Package, Participant


@dataclass(frozen=True, eq=False, repr=False)
class Participants:
    """All participants, by case-folded login. A login is written as in the package with the lowest id.

    `bots` are the logins of bots, `logins` are all, in order. `by_packages` has those in most packages first, then by
    login; its values are negative. `doubled` are the ids of packages that name somebody twice.
    """

    known: Mapping[str, Participant] = field(default_factory=dict)
    bots: frozenset[str] = frozenset()
    logins: list[str] = field(default_factory=list)
    by_packages: Column[str, int] = field(default_factory=Column)
    facets: Facets = field(default_factory=Facets)
    packages: Table[Package] = field(default_factory=Table)
    doubled: frozenset[int] = frozenset()

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
        packages = map(self.packages.rows.__getitem__, self.facets[facet_of(participant)])
        shared = Counter(chain.from_iterable([_logins(package, self.doubled) for package in packages]))
        for login in [each for each in shared if not (each.isascii() and each.islower())]:  # most are folded already
            count = shared.pop(login)
            shared[login.casefold()] += count
        del shared[participant.login.casefold()]
        return shared

    async def evolved(
        self, differences: Sequence[Difference[Package]], packages: Table[Package], facets: Facets, turns: Turns
    ) -> "Participants":
        """Return the participants with these differences, of the packages and facets that have them already."""
        known, bots = dict(self.known), set(self.bots)
        counts: dict[str, int | None] = {}
        touched, doubled = await _touched(differences, turns)
        async for part in turns.parts(touched):
            for login in part:
                ids = facets["participant", login]
                if ids:
                    known[login] = _written(login, packages.rows[ids[0]])
                    if login.endswith(BOT):
                        bots.add(login)
                else:
                    known.pop(login, None)
                    bots.discard(login)
                count = -len(ids) or None
                if count != self.by_packages.values.get(login):
                    counts[login] = count
        came = [login for login, count in counts.items() if count is not None and login not in self.known]
        gone = {login for login, count in counts.items() if count is None}
        logins = settled(await sorted_keys(self.logins, gone, came, turns))
        by_packages = settled(await self.by_packages.evolved(counts, logins, turns))
        doubled |= self.doubled - {difference.id for difference in differences}
        return Participants(known, frozenset(bots), logins, by_packages, facets, packages, doubled)


def most_first(shared: Mapping[str, int]) -> Iterator[str]:
    """Yield logins, those with most packages first, then in order: those with as many are sorted when they come."""
    logins: defaultdict[int, list[str]] = defaultdict(list)
    for login, count in shared.items():
        logins[count].append(login)
    for count in sorted(logins, reverse=True):
        yield from sorted(logins[count])


def facet_of(participant: Participant) -> Facet:
    """Return the facet of who took part."""
    return "participant", participant.login.casefold()


async def _touched(differences: Sequence[Difference[Package]], turns: Turns) -> tuple[set[str], frozenset[int]]:
    """Return the case-folded logins of the packages whose participants differ, and which packages name one twice."""
    touched: set[str] = set()
    doubled: list[int] = []
    async for part in turns.parts(differences):
        for difference in part:
            was, now = (each.participants if each else () for each in difference)
            folded = {login.casefold() for login in now}
            if len(folded) < len(now):
                doubled.append(difference.id)
            if was != now:
                touched |= folded
                touched.update([login.casefold() for login in was])
    return touched, frozenset(doubled)


def _logins(package: Package, doubled: Collection[int]) -> Collection[str]:
    """Return who took part in a package, each once."""
    return {login.casefold() for login in package.participants} if package.id in doubled else package.participants


def _written(login: str, package: Package) -> Participant:
    if login in package.participants:
        return Participant(login)
    return Participant(next(each for each in package.participants if each.casefold() == login))
