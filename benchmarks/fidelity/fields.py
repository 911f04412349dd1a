"""What is compared with tshark value by value: each kind as a field of tshark's and fields of ours.

A value counts once for each pair of ends (transport, addresses, ports): who said it, to whom, what.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fidelity.forms import (
    address,
    assigned,
    cookie,
    digest,
    error,
    host,
    lower,
    mail,
    mailbox,
    media,
    name,
    netbios,
    number,
    parts,
    path,
    present,
    sni,
    spaced,
    suite,
)

Form = Callable[[str], str | tuple[str, ...]]
Where = tuple[str, frozenset[str]]  # a field of tshark's, and the values it must have


@dataclass(frozen=True)
class Compared:
    """One kind of value.

    Attributes:
        theirs: tshark's fields, each with every occurrence.
        datasets: of ours in which `ours` is looked for.
        form: makes both comparable; "" leaves a value out.
        ours_form: the same for ours, where it differs.
        where: leaves tshark's packets out that do not have all of it.
    """

    name: str
    theirs: tuple[str, ...]
    datasets: frozenset[str]
    ours: tuple[str, ...]
    form: Form = str
    where: tuple[Where, ...] = ()
    ours_form: Form | None = None

    def values(self, text: str, *, of_ours: bool) -> tuple[str, ...]:
        """What a text of either side says, comparable; nothing where it is left out."""
        made = (self.ours_form if of_ours and self.ours_form else self.form)(text)
        return tuple(one for one in ((made,) if isinstance(made, str) else made) if one)


def _c(
    name: str,
    theirs: str,
    datasets: str,
    ours: str,
    form: Form = str,
    where: str = "",
    ours_form: Form | None = None,
) -> Compared:
    parts = [one.partition("=") for one in where.split()]
    return Compared(
        name,
        tuple(theirs.split()),
        frozenset(datasets.split()),
        tuple(ours.split()),
        form,
        tuple((field, frozenset(values.split(","))) for field, _, values in parts),
        ours_form,
    )


_TLS = "tls quic dtls"
_RPC = "dce_rpc"
# Names that were asked for, not what listings answer with.
_OPENED = (
    "smb2.cmd=,0,1,2,3,4,5,6,7,8,9,10,11,12,13,15,16,17,18"
    " smb.trans2.cmd=,0x0000,0x0003,0x0005,0x0006,0x0007,0x0008,0x0010"
)
# Tickets inside other protocols are not told as Kerberos.
_KDC = "ldap.messageID= dcerpc.pkt_type= smb2.cmd= dns.id="

FIELDS: tuple[Compared, ...] = (
    _c("DNS names", "dns.qry.name", "dns", "dns.question.name", name),
    _c("DNS ids", "dns.id", "dns", "dns.id", number),
    _c(
        "DNS addresses",
        "dns.a dns.aaaa",
        "dns",
        "dns.answers.data",
        address,
        "dns.count.auth_rr=0 dns.count.add_rr=0,1",
    ),
    _c("DNS aliases", "dns.cname dns.ptr.domain_name", "dns", "dns.answers.data", name),
    _c("HTTP methods", "http.request.method", "http", "http.request.method"),
    _c("HTTP URIs", "http.request.uri", "http", "url.original", spaced),
    _c("HTTP hosts", "http.host", "http", "url.domain", host),
    _c(
        "HTTP status",
        "http.response.code",
        "http",
        "http.response.status_code http.response.info_code",
    ),
    _c(
        "HTTP phrases",
        "http.response.phrase",
        "http",
        "http.response.status_phrase http.response.info_message",
        spaced,
    ),
    _c("HTTP user agents", "http.user_agent", "http", "user_agent.original", spaced),
    _c("HTTP referers", "http.referer", "http", "http.request.referrer", spaced),
    _c("HTTP servers", "http.server", "http", "http.response.headers.server", spaced),
    _c("HTTP locations", "http.location", "http", "http.response.headers.location", spaced),
    _c(
        "HTTP types of answers",
        "http.content_type",
        "http",
        "http.response.headers.content_type",
        media,
        "http.response=1,True",
    ),
    _c(
        "TLS SNI",
        "tls.handshake.extensions_server_name",
        _TLS,
        "tls.client.server_name quic.server_name",
        sni,
    ),
    _c("TLS JA3", "tls.handshake.ja3", _TLS, "tls.client.ja3"),
    _c("TLS JA3S", "tls.handshake.ja3s", _TLS, "tls.server.ja3s"),
    _c(
        "TLS suites chosen",
        "tls.handshake.ciphersuite",
        _TLS,
        "tls.cipher",
        number,
        "tls.handshake.type=2,11,12,14",
        suite,
    ),
    _c(
        "TLS ALPN chosen",
        "tls.handshake.extensions_alpn_str",
        _TLS,
        "tls.next_protocol",
        str,
        "tls.handshake.type=2,11,12,14",
    ),
    _c(
        "TLS certificates",
        "tls.handshake.certificate",
        _TLS,
        "tls.server.certificate_chain_sha256 tls.client.certificate_chain_sha256",
        digest,
        "",
        str,
    ),
    _c("SSH banners", "ssh.protocol", "ssh", "ssh.client.banner ssh.server.banner", spaced),
    _c(
        "SSH HASSH",
        "ssh.kex.hassh ssh.kex.hasshserver",
        "ssh",
        "ssh.client.hassh.hash ssh.server.hassh.hash",
    ),
    _c(
        "SMB files",
        "smb2.filename smb.file",
        "smb smb_files",
        "smb.file.name file.path file.name smb.file.directory smb.rename.to smb.rename.from"
        " dce_rpc.named_pipe",
        path,
        _OPENED,
    ),
    _c("SMB shares", "smb2.tree smb.path", "smb smb_mapping", "smb.path", path),
    _c(
        "SMB2 status",
        "smb2.nt_status",
        "smb",
        "smb.status_code",
        number,
        "smb2.flags.response=1,True",
    ),
    _c(
        "NTLM users",
        "ntlmssp.auth.username",
        "ntlm smb ldap http dce_rpc rdp smtp imap pop3 tds",
        "user.name",
        present,
    ),
    _c("NTLM domains", "ntlmssp.auth.domain", "ntlm smb ldap http", "user.domain", present),
    _c("NTLM hosts", "ntlmssp.auth.hostname", "ntlm smb ldap http", "ntlm.host", present),
    _c("RPC interfaces", "dcerpc.cn_bind_to_uuid", _RPC, "dce_rpc.interface", lower),
    _c("RPC operations", "dcerpc.opnum", _RPC, "dce_rpc.opnum", number),
    _c(
        "Kerberos clients",
        "kerberos.CNameString",
        "kerberos",
        "kerberos.client kerberos.realm",
        parts,
    ),
    _c(
        "Kerberos services",
        "kerberos.SNameString",
        "kerberos smb ldap dce_rpc",
        "kerberos.service kerberos.client kerberos.realm",
        parts,
        _KDC,
    ),
    _c(
        "Kerberos realms",
        "kerberos.realm kerberos.crealm",
        "kerberos smb ldap",
        "kerberos.realm",
        lower,
        _KDC,
    ),
    _c(
        "Kerberos errors",
        "kerberos.error_code",
        "kerberos",
        "kerberos.error_code",
        number,
        "",
        error,
    ),
    _c("LDAP bases", "ldap.baseObject", "ldap ldap_search", "ldap.base_object", lower),
    _c("LDAP names", "ldap.name", "ldap", "ldap.object user.name", lower),
    _c("LDAP results", "ldap.resultCode", "ldap ldap_search", "ldap.result_code", number),
    _c("FTP commands", "ftp.request.command", "ftp", "ftp.command", str.upper),
    _c("FTP arguments", "ftp.request.arg", "ftp", "ftp.arg user.name", spaced),
    _c("FTP codes", "ftp.response.code", "ftp", "ftp.reply_code"),
    _c(
        "SMTP parameters",
        "smtp.req.parameter",
        "smtp",
        "smtp.mailfrom smtp.rcptto smtp.helo",
        mailbox,
    ),
    _c("mail subjects", "imf.subject", "smtp", "smtp.subject email.subject", spaced),
    _c("mail senders", "imf.from", "smtp", "smtp.from", spaced),
    _c("mail message ids", "imf.message_id", "smtp", "email.message_id", mail),
    _c("DHCP hardware", "dhcp.hw.mac_addr", "dhcp", "dhcp.mac", lower),
    _c("DHCP names", "dhcp.option.hostname", "dhcp", "dhcp.host_name"),
    _c("DHCP addresses", "dhcp.ip.your", "dhcp", "dhcp.assigned_addr", assigned),
    _c("DHCP vendors", "dhcp.option.vendor_class_id", "dhcp", "dhcp.vendor_class"),
    _c("NTP strata", "ntp.stratum", "ntp", "ntp.stratum", number),
    _c("NTP modes", "ntp.flags.mode", "ntp", "ntp.mode", number),
    _c("SNMP communities", "snmp.community", "snmp", "snmp.community"),
    _c("SNMP names", "snmp.name", "snmp", "snmp.oids"),
    _c("RDP cookies", "rdp.rt_cookie", "rdp", "rdp.cookie rdp.routing_token", cookie),
    _c("RDP client names", "rdp.client.name", "rdp", "rdp.client_name"),
    _c("SIP methods", "sip.Method", "sip", "sip.method"),
    _c("SIP URIs", "sip.r-uri", "sip", "sip.uri"),
    _c("SIP codes", "sip.Status-Code", "sip", "sip.status_code"),
    _c("MQTT topics", "mqtt.topic", "mqtt", "mqtt.topic mqtt.topics"),
    _c("MQTT clients", "mqtt.clientid", "mqtt", "mqtt.client_id"),
    _c("Modbus functions", "modbus.func_code", "modbus", "modbus.func_code modbus.func"),
    _c("DNP3 functions", "dnp3.al.func", "dnp3", "dnp3.fc_request dnp3.fc_reply", number),
    _c("MySQL users", "mysql.user", "mysql", "user.name"),
    _c("MySQL queries", "mysql.query", "mysql", "mysql.arg", spaced),
    _c("MySQL versions", "mysql.version", "mysql", "mysql.server_version"),
    _c("RADIUS users", "radius.User_Name", "radius", "user.name"),
    _c("IMAP commands", "imap.request.command", "imap", "imap.command", lower),
    _c("IRC commands", "irc.request.command irc.response.command", "irc", "irc.command", lower),
    _c("TFTP files", "tftp.source_file tftp.destination_file", "tftp", "tftp.fname file.name"),
    _c("NBNS names", "nbns.name", "nbns", "dns.question.name", netbios),
    _c("TDS queries", "tds.query", "tds", "tds.query", spaced),
    _c("PostgreSQL queries", "pgsql.query", "postgresql", "postgresql.frontend_arg", spaced),
    _c("QUIC versions", "quic.version", "quic", "quic.version", number),
)
