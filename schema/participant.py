"""The Participant type."""

import strawberry
from strawberry import UNSET, federation

import upstream
from execution import layer
from resolvers.lists import packages_of_participants
from resolvers.participants import collaborators, package_counts
from schema.arguments import After, Before, First, Last
from schema.connections import CollaboratorConnection, PackageConnection
from schema.filters import Filter, OrderBy
from schema.node import Node


@federation.type(
    keys=["login"],
    description=(
        "Someone who committed to a package's repository. Two are the same when their logins are: on GitHub that is "
        "one account, elsewhere it may be a name that several people have."
    ),
)
class Participant(Node):
    """A view of `upstream.Participant`."""

    id: strawberry.ID = strawberry.field(description="The same as `login`, for clients that know things by `id`.")
    login: str = strawberry.field(
        description=(
            "The login on GitHub. For a repository elsewhere it may be a display name (GitLab), or the first part of a "
            "URL (Bitbucket); Codeberg and Forgejo give none."
        )
    )
    is_bot: bool = strawberry.field(
        description=(
            "Whether the login ends in `[bot]`, as those of GitHub's apps do. False says little: bots with an ordinary "
            "account, and those of other hosts, are not told from people."
        )
    )

    @layer(package_counts, pure=True)
    def package_count(self) -> int | None:
        """How many packages of the catalogue this one committed to; null where an error says why."""

    @layer(packages_of_participants, pure=True)
    def packages(
        self,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: Filter = UNSET,
        order_by: OrderBy = UNSET,
    ) -> PackageConnection | None:
        """The packages that this one committed to; null where an error says why."""

    @layer(collaborators, pure=True)
    def collaborators(
        self, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET
    ) -> CollaboratorConnection | None:
        """Who else committed to those packages; null where an error says why."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Tell a participant from the other records of an interface or a union."""
        return isinstance(value, upstream.Participant)
