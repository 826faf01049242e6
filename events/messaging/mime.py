"""A letter as a mail: text and HTML, pictures inside, the calendar entry as an invitation and as a file."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from events.core.text import clean_line
from events.messaging.letter import Letter, Owed, tidy


def build(letter: Letter, owed: Owed, *, sender: str, now: datetime) -> EmailMessage:
    """Make the mail of a letter; raises ValueError for an address that no mail can be sent to."""
    mail = EmailMessage(policy=SMTP)
    name, address = parseaddr(sender)
    mail["From"] = _address(name, address)
    mail["To"] = _address(owed.recipient_name, owed.recipient)
    mail["Subject"] = clean_line(letter.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = owed.message_id
    mail["Auto-Submitted"] = "auto-generated"
    # Exchange answers with absences otherwise; "All" would keep back its delivery reports too ([MS-OXCMAIL]).
    mail["X-Auto-Response-Suppress"] = "DR, RN, NRN, OOF, AutoReply"
    if letter.reply_to:
        mail["Reply-To"] = _address("", letter.reply_to)
    if letter.unsubscribe:
        mail["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(tidy(letter.text))
    _add_html(mail, letter, owed)
    if letter.calendar:
        method, text = letter.calendar
        mail.add_alternative(text, subtype="calendar", params={"method": method})
        mail.add_attachment(text.encode(), maintype="application", subtype="ics", filename="sixnet.ics")
    mail["Content-Language"] = owed.language  # last: setting the content drops such headers
    return mail


def _add_html(mail: EmailMessage, letter: Letter, owed: Owed) -> None:
    suffix = owed.message_id.strip("<>")
    html = letter.html
    for picture in letter.pictures:
        html = html.replace(f"cid:{picture.name}", f"cid:{picture.name}.{suffix}")
    mail.add_alternative(html, subtype="html")
    related = list(mail.iter_parts())[-1]
    for picture in letter.pictures:
        kind, subtype = picture.type.split("/")
        related.add_related(
            picture.content,
            *(kind, subtype),
            cid=f"<{picture.name}.{suffix}>",
            disposition="inline",
            filename=f"{picture.name}.{subtype.partition('+')[0]}",
        )


def _address(name: str, address: str) -> Address:
    return Address(display_name=clean_line(name), addr_spec=address)
