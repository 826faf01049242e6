"""What some events need of everybody who registers: told with all else that is missing, not after it."""

from events.core.forms import add_error
from events.core.i18n import gettext as _
from events.programme.queries import EventView
from events.programme.tables import Access
from events.registration.admission import organisation_missing
from events.registration.public.forms import RegistrationForm


def check_needed(form: RegistrationForm, event: EventView, *, invited: bool) -> bool:
    """Say beside their fields whether the event's code and the organisations are there; `admit` looks at what they are.

    Who is `invited` needs no code, but a colleague does, who has the form's.
    """
    people = [form, *(colleague.form for colleague in form.colleagues)]
    lacking = []
    if event.access == Access.CODE and not form.code.data and not (invited and len(people) == 1):
        lacking.append((form.code, _("Write the registration code.")))
    if event.per_organisation is not None:
        lacking += [(each.organisation, organisation_missing()) for each in people if not each.organisation.data]
    for field, message in lacking:
        add_error(field, message)
    form.show_errors_of_colleagues()
    return not lacking
