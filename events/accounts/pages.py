"""Signing in, one's own account, and the pages where staff, tokens and the audit trail are managed."""

from litestar.types import ControllerRouterHandler

from events.accounts import (
    account_pages,
    audit_pages,
    event_people_pages,
    guide_pages,
    people_pages,
    sign_in_pages,
    start_page,
    token_pages,
)

ROUTES: list[ControllerRouterHandler] = [
    *sign_in_pages.ROUTES,
    *start_page.ROUTES,
    *guide_pages.ROUTES,
    *account_pages.ROUTES,
    *people_pages.ROUTES,
    *event_people_pages.ROUTES,
    *token_pages.ROUTES,
    *audit_pages.ROUTES,
]
