"""What the audit trail's actions, subjects and parties are called in the present language."""

from events.core.i18n import lazy_gettext as _l

_ACTIONS = {
    "agenda.added": _l("Added an item to an agenda"),
    "agenda.changed": _l("Changed an item of an agenda"),
    "agenda.deleted": _l("Deleted an item of an agenda"),
    "attendance.marked": _l("Marked attendance"),
    "event.arrival_written": _l("Wrote how to arrive at a site"),
    "event.archived": _l("Archived an event"),
    "event.cancelled": _l("Cancelled an event"),
    "event.brought_back": _l("Brought an event back from the archive"),
    "event.created": _l("Created an event"),
    "event.deleted": _l("Deleted a draft"),
    "event.edited": _l("Edited an event"),
    "event.published": _l("Published an event"),
    "event.reconciled": _l("Closed the attendance"),
    "event.reopened": _l("Reopened the attendance"),
    "feed.made": _l("Made a private calendar feed"),
    "feed.revoked": _l("Revoked a private calendar feed"),
    "feedback.answered": _l("Answered feedback"),
    "group.changed": _l("Changed a theme group"),
    "group.created": _l("Made a theme group"),
    "group.member_added": _l("Added a member to a theme group"),
    "group.member_left": _l("Ended a membership of a theme group"),
    "invitation.sent_again": _l("Sent an invitation again"),
    "invitation.withdrawn": _l("Withdrew an invitation"),
    "invitations.reminded": _l("Reminded who had not answered an invitation"),
    "invitations.sent": _l("Sent invitations"),
    "material.added": _l("Added a material to an event"),
    "material.changed": _l("Changed a material of an event"),
    "material.deleted": _l("Deleted a material of an event"),
    "kitchen.ordered": _l("Marked the catering as ordered"),
    "organisation.created": _l("Added an organisation"),
    "organisation.edited": _l("Edited an organisation"),
    "organisation.merged": _l("Merged an organisation into this one"),
    "organisation.merge_undone": _l("Took the merge of an organisation back"),
    "organisation.told_apart": _l("Said of two organisations that they are not the same"),
    "organisation.look_up_asked": _l("Asked the business register about an organisation"),
    "organisation.looked_up": _l("Filled in an organisation from the business register"),
    "papers.made": _l("Had badges, signs or lists of an event made"),
    "person.merged": _l("Merged a person into this one"),
    "person.merge_undone": _l("Took the merge of a person back"),
    "person.told_apart": _l("Said of two people that they are not the same"),
    "person.erased": _l("Erased a person’s data"),
    "plan.added": _l("Added to the yearly clock"),
    "plan.changed": _l("Changed the yearly clock"),
    "plan.event_made": _l("Made an event of the yearly clock"),
    "plan.removed": _l("Removed from the yearly clock"),
    "project.created": _l("Added a project"),
    "project.edited": _l("Edited a project"),
    "question.added": _l("Added a question"),
    "question.banked": _l("Kept a question in the bank"),
    "question.changed": _l("Changed a question"),
    "question.moved": _l("Put the questions in another order"),
    "question.removed": _l("Removed a question"),
    "question.unbanked": _l("Removed a question from the bank"),
    "registration.address_asked": _l("Gave a place, asking to confirm the address"),
    "registration.address_confirmed": _l("Confirmed an address"),
    "registration.answers_changed": _l("Changed a registration’s answers"),
    "registration.approved": _l("Approved a registration"),
    "registration.cancelled": _l("Cancelled a registration"),
    "registration.consents_changed": _l("Changed consents"),
    "registration.declined": _l("Declined a registration"),
    "registration.details_changed": _l("Changed a registration’s details"),
    "registration.health_seen": _l("Looked at what someone said of health"),
    "registration.items_chosen": _l("Changed what someone signed up for"),
    "registration.lapsed": _l("Took a place back that nobody accepted in time"),
    "registration.made": _l("Registered"),
    "registration.moved": _l("Moved to another place of attendance"),
    "registration.not_transferred": _l("Tried to hand a place over to someone who is registered"),
    "registration.note_added": _l("Wrote a note"),
    "registration.note_removed": _l("Removed a note"),
    "registration.offer_accepted": _l("Accepted an offered place"),
    "registration.place_freed": _l("Gave a freed place to the next in line"),
    "registration.place_given": _l("Gave a place"),
    "registration.place_offered": _l("Offered a freed place to the next in line"),
    "registration.queued_again": _l("Queued again after a place lapsed"),
    "registration.role_set": _l("Changed a role at an event"),
    "registration.sent_again": _l("Sent the ticket or letter again"),
    "registration.tagged": _l("Added a tag"),
    "registration.taken_over": _l("Took a colleague’s place over"),
    "registration.transferred": _l("Handed a place over to a colleague"),
    "registration.untagged": _l("Removed a tag"),
    "registrations.exported": _l("Took the list of registrations along"),
    "registrations.imported": _l("Imported participants"),
    "series.extended": _l("Added events to a series"),
    "session.others_revoked": _l("Signed out everywhere else"),
    "session.revoked": _l("Signed out on one device"),
    "staff.added": _l("Invited a user"),
    "staff.edited": _l("Edited a user"),
    "staff.grant_taken": _l("Took a right away"),
    "staff.granted": _l("Gave a right"),
    "staff.invited_again": _l("Repeated an invitation"),
    "staff.link_made": _l("Made a sign-in link"),
    "staff.password_changed": _l("Changed the password"),
    "staff.password_set": _l("Chose a password"),
    "staff.signed_in": _l("Signed in"),
    "staff.signed_out": _l("Signed out"),
    "staff.switched_off": _l("Switched a user off"),
    "staff.switched_on": _l("Switched a user on"),
    "token.added": _l("Made an API key"),
    "token.revoked": _l("Revoked an API key"),
}
"""Said of whoever stands beside it. A test fails when the code writes an action that is missing here."""

_SUBJECTS = {
    "api_token": _l("API key"),
    "event": _l("Event"),
    "feedback": _l("Feedback"),
    "group": _l("Theme group"),
    "invitation": _l("Invitation"),
    "organisation": _l("Organisation"),
    "person": _l("Person"),
    "planned_entry": _l("Yearly clock"),
    "project": _l("Project"),
    "question_template": _l("Question of the bank"),
    "registration": _l("Registration"),
    "series": _l("Series"),
    "session": _l("Signed-in device"),
    "staff": _l("User"),
}
"""What an identifier belongs to."""

_PARTIES = {
    "anonymous": _l("A visitor"),
    "participant": _l("The participant"),
    "staff": _l("Staff"),
    "token": _l("A program"),
    "door": _l("The door"),
    "system": _l("The service"),
}
"""Who acted, where there is no name."""


def action_words(action: str) -> str:
    """Say what was done; an action that has gone out of use stays as it was written."""
    return str(_ACTIONS.get(action, action))


def subject_words(kind: str) -> str:
    """Say what sort of thing an identifier names."""
    return str(_SUBJECTS.get(kind, kind))


def actor_words(kind: str) -> str:
    """Say what sort of party acted."""
    return str(_PARTIES.get(kind, kind))
