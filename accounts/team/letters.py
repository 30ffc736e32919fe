"""What people are told of their team."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accounts import letters, topics
from accounts.models import AuditEntry, Membership, Role, User, Workspace

#: What a role is called, with its article.
ROLES = {
    Role.OWNER: "the owner",
    Role.ADMIN: "an admin",
    Role.MEMBER: "a member",
    Role.BILLING: "in billing",
}


def tell(
    act: AuditEntry, to: Iterable[str], title: str, lines: Sequence[str], *, path: str = "/team"
) -> None:
    """One letter about this act to each address, with a link to a page of ours."""
    letters.write(
        to=to,
        template="team",
        key=f"team:{act.pk.hex}",
        context={"title": title, "lines": list(lines), "path": path},
    )


def managers_but(me: Membership) -> list[str]:
    """The addresses of those who look after the workspace, besides whoever does it."""
    return [one for one in letters.managers_of(me.workspace) if one != me.user.email]


def called(user: User) -> str:
    """How others know them: by name and address, or by address alone."""
    return f"{user.name} ({user.email})" if user.name else user.email


def quoted(workspace: Workspace) -> str:
    return f"“{workspace.name}”"


topics.register(
    "team",
    title="Something changes in a team of yours",
    words="when people come, go or get another role, or a workspace changes hands",
    templates=["team"],
)
