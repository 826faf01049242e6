"""Mails that say that a mail was not delivered, as different mail servers write them."""

from textwrap import dedent


def lines(text: str) -> bytes:
    return dedent(text).lstrip("\n").replace("\n", "\r\n").encode()


def postfix(
    message_id: str = "", address: str = "aino@yritys.example", status: str = "5.1.1", action: str = "failed"
) -> bytes:
    """As Postfix: the report, then the headers of the mail that came back."""
    return lines(f"""
        Return-Path: <>
        From: MAILER-DAEMON@mail.example (Mail Delivery System)
        Subject: Undelivered Mail Returned to Sender
        To: bounces@sixnet.example
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="A1/mail.example"
        Message-Id: <20260901090000.A1@mail.example>

        --A1/mail.example
        Content-Description: Notification
        Content-Type: text/plain; charset=us-ascii

        I'm sorry to have to inform you that your message could not be delivered.

        <{address}>: host mx.yritys.example[192.0.2.7] said: 550 {status} User unknown

        --A1/mail.example
        Content-Description: Delivery report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mail.example
        X-Postfix-Queue-ID: A1
        Arrival-Date: Tue,  1 Sep 2026 12:00:00 +0300 (EEST)

        Final-Recipient: rfc822; {address}
        Original-Recipient: rfc822;{address}
        Action: {action}
        Status: {status}
        Remote-MTA: dns; mx.yritys.example
        Diagnostic-Code: smtp; 550 {status} <{address}>: Recipient address rejected:
            User unknown in virtual mailbox table

        --A1/mail.example
        Content-Description: Undelivered Message Headers
        Content-Type: text/rfc822-headers

        From: SIXNET <sixnet@sixnet.example>
        To: {address}
        Subject: Ilmoittautuminen vahvistettu
        Message-ID: {message_id}

        --A1/mail.example--
        """)


def exchange(message_id: str = "", address: str = "Aino@Yritys.example", status: str = "5.1.10") -> bytes:
    """As Exchange: another language, HTML, the whole mail inside, a status with the address in capitals."""
    return lines(f"""
        From: <postmaster@yritys.example>
        To: <bounces@sixnet.example>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="_7b_"
        Content-Language: fi-FI
        In-Reply-To: {message_id}
        References: {message_id}
        Subject: =?utf-8?B?RWkgdm9pdHUgdG9pbWl0dGFh?=

        --_7b_
        Content-Type: multipart/alternative; differences=Content-Type; boundary="_8c_"

        --_8c_
        Content-Type: text/plain; charset="utf-8"
        Content-Transfer-Encoding: base64

        Vmllc3Rpw6Ruc8OkIGVpIHZvaXR1IHRvaW1pdHRhYS4=

        --_8c_
        Content-Type: text/html; charset="utf-8"

        <html><body><p>Viestiäsi ei voitu toimittaa.</p></body></html>

        --_8c_--

        --_7b_
        Content-Type: message/delivery-status

        Reporting-MTA: dns;HE1PR01.yritys.example
        Received-From-MTA: dns;mail.sixnet.example

        Final-recipient: RFC822;{address}
        Action: failed
        Status: {status}
        Diagnostic-code: smtp;550 {status} RESOLVER.ADR.RecipientNotFound; Vastaanottajaa ei löydy
        X-Display-Name: Aino Esimerkki

        --_7b_
        Content-Type: message/rfc822

        From: SIXNET <sixnet@sixnet.example>
        Message-ID: {message_id}
        Subject: Ilmoittautuminen vahvistettu
        MIME-Version: 1.0
        Content-Type: text/plain

        Hei!

        --_7b_--
        """)


def exim(message_id: str = "", address: str = "aino@yritys.example") -> bytes:
    """As an old Exim: no report by its type, only a header and words."""
    return lines(f"""
        X-Failed-Recipients: {address}
        Auto-Submitted: auto-replied
        From: Mail Delivery System <Mailer-Daemon@mail.example>
        Subject: Mail delivery failed: returning message to sender

        This message was created automatically by mail delivery software.

          {address}
            SMTP error from remote mail server after RCPT TO:<{address}>:
            550 5.1.1 mailbox unavailable

        ------ This is a copy of the message, including all the headers. ------
        Message-ID: {message_id}
        """)


def gmail(message_id: str = "", address: str = "aino@yritys.example") -> bytes:
    """As Gmail: pictures in its own words, a reply of several lines, the header of old reports beside the new ones."""
    return lines(f"""
        Return-Path: <>
        From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
        To: bounces@sixnet.example
        Auto-Submitted: auto-replied
        Subject: Delivery Status Notification (Failure)
        References: {message_id}
        In-Reply-To: {message_id}
        X-Failed-Recipients: {address}
        Message-ID: <66d42a1b.170a0220.1f0a.3c4d.GMR@mx.google.com>
        MIME-Version: 1.0
        Content-Type: multipart/report; boundary="000000000000a1"; report-type=delivery-status

        --000000000000a1
        Content-Type: multipart/related; boundary="000000000000b2"

        --000000000000b2
        Content-Type: multipart/alternative; boundary="000000000000c3"

        --000000000000c3
        Content-Type: text/plain; charset="UTF-8"

        ** Address not found **

        Your message wasn't delivered to {address} because the address couldn't be found.

        --000000000000c3
        Content-Type: text/html; charset="UTF-8"

        <html><body><img src="cid:icon.png" alt="Error Icon"></body></html>

        --000000000000c3--

        --000000000000b2
        Content-Type: image/png; name="icon.png"
        Content-Disposition: attachment; filename="icon.png"
        Content-Transfer-Encoding: base64
        Content-ID: <icon.png>

        iVBORw0KGgo=

        --000000000000b2--

        --000000000000a1
        Content-Type: message/delivery-status

        Reporting-MTA: dns; googlemail.com
        Received-From-MTA: dns; sixnet@sixnet.example
        Arrival-Date: Tue, 01 Sep 2026 02:00:00 -0700 (PDT)
        X-Original-Message-ID: {message_id}

        Final-Recipient: rfc822; {address}
        Action: failed
        Status: 5.1.1
        Remote-MTA: dns; mx.yritys.example. (192.0.2.7, the server for the domain yritys.example.)
        Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try
         550-5.1.1 double-checking the recipient's email address for typos or
         550 5.1.1 unnecessary spaces. - gsmtp
        Last-Attempt-Date: Tue, 01 Sep 2026 02:00:01 -0700 (PDT)

        --000000000000a1
        Content-Type: message/rfc822

        From: SIXNET <sixnet@sixnet.example>
        To: {address}
        Message-ID: {message_id}
        Subject: Ilmoittautuminen vahvistettu

        Hei!

        --000000000000a1--
        """)


def encoded_status(message_id: str = "") -> bytes:
    """With the fields of the report in base64, which some servers do."""
    return lines(f"""
        From: MAILER-DAEMON@mail.example
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: message/delivery-status
        Content-Transfer-Encoding: base64

        RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFpbm9AeXJpdHlzLmV4YW1wbGUKQWN0aW9uOiBmYWls
        ZWQKU3RhdHVzOiA1LjEuMQo=

        --b
        Content-Type: text/rfc822-headers

        Message-ID: {message_id}

        --b--
        """)


def vacation(message_id: str = "") -> bytes:
    """Somebody is away: no report at all, though it comes from a program and names our mail."""
    return lines(f"""
        Return-Path: <>
        From: Aino Esimerkki <aino@yritys.example>
        Auto-Submitted: auto-replied
        In-Reply-To: {message_id}
        Subject: Poissa

        Olen lomalla. Puh. 550 5.1.1 00
        """)
