"""A name server on the loopback for tests: it knows what it is given, and can be silent or slow."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset


class NameServer:
    """Answers TXT questions out of `texts`; of other names it says that they do not exist."""

    def __init__(self, texts: Mapping[str, list[str]]) -> None:
        self.texts = texts
        self.asked: list[str] = []
        self.silent = self.failing = False
        self.aliases: dict[str, str] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))

    def serve(self) -> None:
        while True:
            try:
                wire, client = self._socket.recvfrom(4096)
            except OSError:
                return
            if not wire:
                return
            answer = self._answer(dns.message.from_wire(wire))
            if not self.silent:
                self._socket.sendto(answer.to_wire(), client)

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        name = question.question[0].name
        text = name.to_text(omit_final_dot=True)
        self.asked.append(text)
        if self.failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
            return answer
        if text in self.aliases:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", f"{self.aliases[text]}."))
            text = self.aliases[text]
        records = self.texts.get(text, [])
        if records:
            quoted = [" ".join(f'"{each[at : at + 200]}"' for at in range(0, len(each), 200)) for each in records]
            answer.answer.append(dns.rrset.from_text(f"{text}.", 60, "IN", "TXT", *quoted))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer

    @property
    def resolver(self) -> dns.resolver.Resolver:
        found = dns.resolver.Resolver(configure=False)
        found.nameservers, found.port = ["127.0.0.1"], self._socket.getsockname()[1]
        return found

    def close(self) -> None:
        stopping = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        stopping.sendto(b"", self._socket.getsockname())
        stopping.close()


@contextmanager
def name_server(texts: Mapping[str, list[str]]) -> Iterator[NameServer]:
    """Run one."""
    server = NameServer(texts)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(5)
        server._socket.close()
