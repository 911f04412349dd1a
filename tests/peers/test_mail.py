"""Exim and Dovecot with Python's clients: mail, its subject and its attachment."""

from __future__ import annotations

import hashlib
import imaplib
import poplib
import random
import shutil
import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests.peers.keys import Keys
from tests.peers.lan import SERVER, Lan, program

pytestmark = pytest.mark.peers

INVOICE = random.Random(3).randbytes(40_000)
SHA256 = hashlib.sha256(INVOICE).hexdigest()


def a_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Chief <chief@gov.test>", "clerk@gov.test"
    mail["Subject"] = "关于账单 invoice"
    mail["Message-ID"] = "<1@gov.test>"
    mail.set_content("see the attachment\n")
    mail.add_attachment(INVOICE, maintype="application", subtype="zip", filename="账单.zip")
    return mail


@pytest.fixture(scope="module")
def exim(lan: Lan, keys: Keys) -> Iterator[None]:
    command = program("exim4", "exim4-daemon-light")
    folder = lan.folder / "exim"
    folder.mkdir()
    shutil.chown(folder, "Debian-exim", "Debian-exim")
    settings = lan.folder / "exim.conf"
    settings.write_text(
        f"primary_hostname = mail.gov.test\nspool_directory = {folder}\n"
        f"log_file_path = {folder}/%slog\npid_file_path = {folder}/pid\nqueue_only\n"
        f"tls_advertise_hosts = *\ntls_certificate = {keys.chain}\ntls_privatekey = {keys.key}\n"
        "local_interfaces = 10.77.0.2\ndaemon_smtp_ports = 25\nrfc1413_hosts =\n"
        "host_lookup =\nacl_smtp_rcpt = rcpt\nacl_smtp_data = data\n"
        "begin acl\nrcpt:\n accept domains = gov.test\n deny message = not here\n"
        "data:\n accept\n"
    )
    settings.chmod(0o644)
    with lan.serve(command, "-bdf", "-C", str(settings), tcp=25):
        yield


def test_a_mail_with_an_attachment(lan: Lan, exim: None) -> None:
    def send() -> None:
        with smtplib.SMTP(SERVER, 25, "chief-pc.test", timeout=10) as smtp:
            smtp.send_message(a_mail())
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                smtp.sendmail("chief@gov.test", ["someone@elsewhere.test"], "x")

    with lan.watched() as seen:
        lan.inside(send)
    event = seen.of("smtp")[0]
    assert event["email.subject"] == "关于账单 invoice"
    assert event["smtp.helo"] == "chief-pc.test"
    assert event["smtp.mailfrom"] == "chief@gov.test"
    assert event["smtp.rcptto"] == ["clerk@gov.test"]
    file = seen.one("files", file__hash__sha256=SHA256)
    assert file["file.name"] == "账单.zip"
    assert seen.losses == {}


def test_mail_goes_on_as_tls(lan: Lan, exim: None, keys: Keys) -> None:
    def send() -> None:
        trust = ssl.create_default_context(cafile=str(keys.authority))
        trust.check_hostname = False
        trust.maximum_version = ssl.TLSVersion.TLSv1_2
        with smtplib.SMTP(SERVER, 25, timeout=10) as smtp:
            smtp.starttls(context=trust)
            smtp.send_message(a_mail())

    with lan.watched() as seen:
        lan.inside(send)
    assert seen.one("smtp")["smtp.tls"] is True
    assert seen.one("tls")["tls.server.hash.sha256"].lower() == keys.fingerprint()
    assert not seen.of("files", file__hash__sha256=SHA256)
    assert seen.losses == {}


@pytest.fixture(scope="module")
def dovecot(lan: Lan, keys: Keys) -> Iterator[None]:
    command = program("dovecot", "dovecot-imapd dovecot-pop3d")
    folder = lan.folder / "dovecot"
    for name in ("run", "state", "home/Maildir/new", "home/Maildir/cur", "home/Maildir/tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "home/Maildir/new/1.eml").write_bytes(bytes(a_mail()))
    for path in (folder / "home", *(folder / "home").rglob("*")):
        shutil.chown(path, "nobody", "nogroup")
    (folder / "users").write_text(f"clerk:{{PLAIN}}secret5:65534:65534::{folder}/home::\n")
    settings = folder / "dovecot.conf"
    settings.write_text(
        f"base_dir = {folder}/run\nstate_dir = {folder}/state\nprotocols = imap pop3\n"
        f"listen = {SERVER}\nlog_path = /dev/stderr\ndisable_plaintext_auth = no\n"
        f"ssl = yes\nssl_cert = <{keys.chain}\nssl_key = <{keys.key}\n"
        "mail_location = maildir:~/Maildir\nfirst_valid_uid = 1\nlogin_trusted_networks = \n"
        "auth_mechanisms = plain login cram-md5\nauth_failure_delay = 0\n"
        "service anvil {\n unix_listener anvil-auth-penalty {\n  mode = 0\n }\n}\n"
        f"passdb {{\n driver = passwd-file\n args = {folder}/users\n}}\n"
        f"userdb {{\n driver = passwd-file\n args = {folder}/users\n}}\n"
    )
    with lan.serve(command, "-F", "-c", str(settings), tcp=143):
        yield


def test_imap(lan: Lan, dovecot: None) -> None:
    def read() -> None:
        imap = imaplib.IMAP4(SERVER, timeout=10)
        with pytest.raises(imaplib.IMAP4.error):
            imap.login("clerk", "not-this")
        imap.login("clerk", "secret5")
        imap.select("INBOX")
        imap.fetch("1", "(RFC822)")
        imap.logout()

    with lan.watched() as seen:
        lan.inside(read)
    assert seen.flow_protocols() == ["imap"]
    acts = [(e.get("imap.command"), e.get("event.outcome")) for e in seen.of("imap")]
    assert ("LOGIN", "failure") in acts, seen.tell("imap")
    assert ("LOGIN", "success") in acts
    assert ("FETCH", "success") in acts
    assert "clerk" in {event.get("user.name") for event in seen.of("imap")}
    assert "secret5" not in seen.tell()
    assert "not-this" not in seen.tell()
    assert SHA256 in {event.get("file.hash.sha256") for event in seen.of("files")}
    assert seen.losses == {}


def test_pop3(lan: Lan, dovecot: None) -> None:
    def read() -> None:
        pop = poplib.POP3(SERVER, timeout=10)
        pop.user("clerk")
        pop.pass_("secret5")
        pop.list()
        pop.retr(1)
        pop.quit()

    with lan.watched() as seen:
        lan.inside(read)
    assert seen.flow_protocols() == ["pop3"]
    assert "clerk" in {event.get("user.name") for event in seen.of("pop3")}, seen.tell("pop3")
    assert "secret5" not in seen.tell()
    assert SHA256 in {event.get("file.hash.sha256") for event in seen.of("files")}
    assert seen.losses == {}


def test_imap_goes_on_as_tls(lan: Lan, dovecot: None, keys: Keys) -> None:
    def read() -> None:
        trust = ssl.create_default_context(cafile=str(keys.authority))
        trust.check_hostname = False
        imap = imaplib.IMAP4(SERVER, timeout=10)
        imap.starttls(trust)
        imap.login("clerk", "secret5")
        imap.logout()

    with lan.watched() as seen:
        lan.inside(read)
    assert seen.one("tls")["tls.version"] == "1.3"
    assert seen.losses == {}
