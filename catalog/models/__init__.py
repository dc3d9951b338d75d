"""Every table of the shared record. Importing this package makes the metadata complete."""

from catalog.clock import ClockOffset
from catalog.models.bot import Bot, Hosting, Version, VersionState
from catalog.models.bsp import Bsp
from catalog.models.business import ZONES, Business
from catalog.models.category import Category
from catalog.models.connection import Connection, ConnectionState, Variant
from catalog.models.connection_step import ConnectionStep, StepName, StepState
from catalog.models.event import Event
from catalog.models.installation import HOLDING, Installation, InstallationState
from catalog.models.invitation import Invitation
from catalog.models.listing import Listing
from catalog.models.login import Login
from catalog.models.membership import Membership, Role
from catalog.models.notice import Notice
from catalog.models.number import Number, NumberState, Transport, Waba
from catalog.models.partner import Partner
from catalog.models.personal_token import PersonalToken
from catalog.models.plan import Interval, Plan
from catalog.models.search_word import SearchWord
from catalog.models.ticket import Purpose, Ticket
from catalog.models.user import User

__all__ = [
    "HOLDING",
    "ZONES",
    "Bot",
    "Bsp",
    "Business",
    "Category",
    "ClockOffset",
    "Connection",
    "ConnectionState",
    "ConnectionStep",
    "Event",
    "Hosting",
    "Installation",
    "InstallationState",
    "Interval",
    "Invitation",
    "Listing",
    "Login",
    "Membership",
    "Notice",
    "Number",
    "NumberState",
    "Partner",
    "PersonalToken",
    "Plan",
    "Purpose",
    "Role",
    "SearchWord",
    "StepName",
    "StepState",
    "Ticket",
    "Transport",
    "User",
    "Variant",
    "Version",
    "VersionState",
    "Waba",
]
