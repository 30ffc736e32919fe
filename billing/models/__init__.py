"""
What you have: wallets and the transfers between accounts, prices, payments, limits.

All amounts are integer micro-dollars. The rules of the books are constraints and triggers in the
database; Python checks only in order to speak kindly.
"""

from billing.models.books import MOVES, Account, Kind, Transfer, Wallet, reference
from billing.models.costs import Cost, CostAccount
from billing.models.limits import Spending, SpendLimit, Window
from billing.models.payments import Payer, StripeEvent, StripeEventState, TopUp, TopUpState
from billing.models.prices import Quote, Rate
from billing.models.promotions import PromotionCode, Redemption
from billing.models.spent import DaySpend, SpendMark

__all__ = [
    "MOVES",
    "Account",
    "Cost",
    "CostAccount",
    "DaySpend",
    "Kind",
    "Payer",
    "PromotionCode",
    "Quote",
    "Rate",
    "Redemption",
    "SpendLimit",
    "SpendMark",
    "Spending",
    "StripeEvent",
    "StripeEventState",
    "TopUp",
    "TopUpState",
    "Transfer",
    "Wallet",
    "Window",
    "reference",
]
