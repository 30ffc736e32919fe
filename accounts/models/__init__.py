"""
Who you are and how to reach you: people, the workspaces they share, the keys that act for them,
what happened for their programs, and where those want to be told.
"""

from accounts.models.audit import AuditEntry
from accounts.models.events import CustomerEvent
from accounts.models.keys import SCOPE_FOR, APIKey, KeyUse, Scope
from accounts.models.letters import Letter
from accounts.models.people import ALLOWED, Act, Membership, Role, User, UserManager, Workspace
from accounts.models.privacy import DataExport, Erasure
from accounts.models.proposals import Proposal, ProposalState
from accounts.models.rates import Paced
from accounts.models.requests import IdempotencyRecord
from accounts.models.teams import Invitation, OwnershipOffer
from accounts.models.webhooks import DeliveryState, WebhookDelivery, WebhookEndpoint

__all__ = [
    "ALLOWED",
    "SCOPE_FOR",
    "APIKey",
    "Act",
    "AuditEntry",
    "CustomerEvent",
    "DataExport",
    "DeliveryState",
    "Erasure",
    "IdempotencyRecord",
    "Invitation",
    "KeyUse",
    "Letter",
    "Membership",
    "OwnershipOffer",
    "Paced",
    "Proposal",
    "ProposalState",
    "Role",
    "Scope",
    "User",
    "UserManager",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Workspace",
]
