"""Rows: what was ordered, how it was tried, what came of it, what was said about it."""

from generations.models.attempt import Attempt, Knock
from generations.models.event import Event, Notice
from generations.models.figures import DailyFigures
from generations.models.files import Clip, Upload
from generations.models.generation import Generation
from generations.models.moderation import BlockedWord, ReportReason, ReportState, ShareReport
from generations.models.provider import ProviderStatus
from generations.models.sharing import Share

__all__ = [
    "Attempt",
    "BlockedWord",
    "Clip",
    "DailyFigures",
    "Event",
    "Generation",
    "Knock",
    "Notice",
    "ProviderStatus",
    "ReportReason",
    "ReportState",
    "Share",
    "ShareReport",
    "Upload",
]
