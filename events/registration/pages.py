"""Every page of the feature, by who opens it; each module names its own."""

from events.registration.announcements import pages as announcement_pages
from events.registration.groups import chair_pages, member_pages
from events.registration.groups import pages as group_pages
from events.registration.imports import pages as import_pages
from events.registration.invitations import invite_pages
from events.registration.invitations import pages as invitation_pages
from events.registration.invitations import staff_pages as inviting_pages
from events.registration.items import speaker_pages
from events.registration.own import (
    data_pages,
    feed_pages,
    hearing_pages,
    leaving_pages,
    participant_pages,
    programme_pages,
    resend_pages,
    ticket_pages,
    transfer_pages,
)
from events.registration.own import pages as own_pages
from events.registration.public import answer_pages, preview_pages
from events.registration.public import pages as public_pages
from events.registration.questions import bank_pages, builder_pages, kitchen_pages, list_pages
from events.registration.questions import own_pages as answers_pages
from events.registration.staff import adding_pages, bulk_pages, closing_pages, details_pages, one_pages
from events.registration.staff import answer_pages as staff_answer_pages
from events.registration.staff import pages as staff_pages

PUBLIC = [*public_pages.ROUTES, *answer_pages.ROUTES, *resend_pages.ROUTES, *hearing_pages.ROUTES, *ticket_pages.ROUTES]

BEHIND_A_PRIVATE_LINK = [
    *own_pages.ROUTES,
    *answers_pages.ROUTES,
    *programme_pages.ROUTES,
    *participant_pages.ROUTES,
    *transfer_pages.ROUTES,
    *leaving_pages.ROUTES,
    *data_pages.ROUTES,
    *feed_pages.ROUTES,
    *invitation_pages.ROUTES,
]

FOR_STAFF = [
    *staff_pages.ROUTES,
    *announcement_pages.ROUTES,
    *one_pages.ROUTES,
    *details_pages.ROUTES,
    *staff_answer_pages.ROUTES,
    *bulk_pages.ROUTES,
    *closing_pages.ROUTES,
    *adding_pages.ROUTES,
    *speaker_pages.ROUTES,
    *preview_pages.ROUTES,
    *list_pages.ROUTES,
    *builder_pages.ROUTES,
    *bank_pages.ROUTES,
    *kitchen_pages.ROUTES,
    *inviting_pages.ROUTES,
    *invite_pages.ROUTES,
    *group_pages.ROUTES,
    *member_pages.ROUTES,
    *chair_pages.ROUTES,
    *import_pages.ROUTES,
]

ROUTES = [*PUBLIC, *BEHIND_A_PRIVATE_LINK, *FOR_STAFF]
