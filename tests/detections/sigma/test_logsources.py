import pytest

from detections.sigma.conditions import ALWAYS, NEVER, All, Number, Text
from detections.sigma.logsources import (
    AUDITD,
    DOCUMENTS,
    FOREIGN,
    SYSMON_LINUX,
    WINDOWS,
    feeds,
    known_datasets,
    raw_dataset,
    routing,
    rows,
    target_of,
)
from detections.sigma.mapping import Logsource, resolve
from detections.sigma.oracle import holds
from detections.sigma.targets import Target
from fengsui import ecs

ALL = [*ecs.DATASETS, *FOREIGN]
SYSMON = "Microsoft-Windows-Sysmon/Operational"

ZEEK = (
    "conn", "dns", "http", "ssl", "x509", "ssh", "rdp", "smb_files", "smb_mapping", "smb_cmd", "dce_rpc",
    "kerberos", "ntlm", "ldap", "ldap_search", "files", "smtp", "ftp", "snmp", "dhcp", "radius", "sip", "irc",
    "syslog", "ntp", "mysql", "postgresql", "redis", "mqtt_connect", "modbus", "dnp3", "quic", "rfb", "socks",
    "notice",
)  # fmt: skip
NETWORK = [
    *(Logsource("zeek", service=service) for service in ZEEK),
    *(Logsource(category=name) for name in (
        "dns", "proxy", "firewall", "webserver", "network_connection", "network", "database")),
    *(Logsource("suricata", service=name) for name in ("alert", "dns", "http", "tls", "fileinfo", "ssh")),
    *(Logsource("linux", service=name) for name in (
        "sshd", "syslog", "auth", "cron", "sudo", "clamav", "guacamole", "vsftpd")),
    Logsource("apache", service="access"), Logsource("nginx", service="access"),
    Logsource("apache", "webserver"), Logsource("nginx", "webserver"), Logsource(service="apache"),
    Logsource("cisco", service="aaa"), Logsource("cisco", service="bgp"), Logsource("huawei", service="bgp"),
    Logsource("juniper", service="bgp"), Logsource("fortigate", service="event"),
    Logsource("paloalto", "appliance", "globalprotect"), Logsource("suricata"), Logsource("zeek"),
    Logsource("linux"), Logsource("rpc_firewall", "application"),
]  # fmt: skip


@pytest.mark.parametrize("logsource", NETWORK, ids=str)
def test_every_network_logsource_is_fed_by_one_of_our_datasets(logsource: Logsource) -> None:
    found = feeds(logsource)
    assert found
    assert {one.dataset for one in found} <= set(ecs.DATASETS)


@pytest.mark.parametrize("dataset", ecs.DATASETS)
def test_own_rules_can_look_at_every_dataset_by_ecs_names(dataset: str) -> None:
    (found,) = feeds(Logsource("fengsui", service=dataset))
    assert found.dataset == dataset
    assert not resolve(Text("source.ip", ("x",)), found).unknown
    assert resolve(Text("sourc.ip", ("x",)), found).unknown == {"sourc.ip"}


def test_a_logsource_that_no_row_meets_is_fed_by_nothing() -> None:
    for unknown in (
        Logsource("aws", service="cloudtrail"), Logsource("zeek", service="nothing"), Logsource(),
        Logsource("windows", "no_such_category"), Logsource("windows", service="no_such_service"),
        Logsource(category="no_such_category"), Logsource("zeek", "process_creation"),
        Logsource("linux", "registry_set"), Logsource("macos", service="sshd"),
        Logsource("windows", "process_creation", "no_such_service"),
    ):  # fmt: skip
        assert feeds(unknown, ALL) == [], unknown


def test_a_product_alone_means_all_its_logs_and_a_category_alone_those_of_every_product() -> None:
    assert {one.dataset for one in feeds(Logsource("windows"), ALL)} == {WINDOWS, DOCUMENTS}
    (windows,) = feeds(Logsource("windows"), [WINDOWS])
    assert windows.when == ALWAYS
    zeek = {one.dataset for one in feeds(Logsource("zeek"))}
    assert {"flow", "dns", "http", "tls", "smb_files", "rdp", "snmp"} <= zeek
    process = {one.dataset for one in feeds(Logsource(category="process_creation"), ALL)}
    assert process == {WINDOWS, DOCUMENTS, SYSMON_LINUX, AUDITD}
    assert {one.dataset for one in feeds(Logsource("linux"), ALL)} == {
        "syslog", SYSMON_LINUX, AUDITD, DOCUMENTS,
    }  # fmt: skip


def test_what_a_network_sees_of_a_host_serves_only_rules_that_ask_for_it() -> None:
    """A rule on all of Windows must not read flows because one Windows category is seen on the wire."""
    asked = feeds(Logsource("windows", "network_connection"))
    assert {one.dataset for one in asked} == {"flow", "tls", "http"}
    assert feeds(Logsource("windows")) == []
    assert feeds(Logsource("macos")) == []


@pytest.mark.parametrize(
    ("logsource", "event", "other"),
    [
        (Logsource("windows", "process_creation"), {"Channel": SYSMON, "EventID": 1}, 3),
        (Logsource("windows", "registry_event"), {"Channel": SYSMON, "EventID": 14}, 1),
        (Logsource("windows", "registry_set"), {"Channel": SYSMON, "EventID": 13}, 12),
        (Logsource("windows", "file_event"), {"Channel": SYSMON, "EventID": 11}, 23),
        (Logsource("windows", "image_load"), {"Channel": SYSMON, "EventID": 7}, 6),
        (Logsource("windows", "driver_load"), {"Channel": SYSMON, "EventID": 6}, 7),
        (Logsource("windows", "pipe_created"), {"Channel": SYSMON, "EventID": 18}, 19),
        (Logsource("windows", "wmi_event"), {"Channel": SYSMON, "EventID": 20}, 22),
        (Logsource("windows", "dns_query"), {"Channel": SYSMON, "EventID": 22}, 3),
        (Logsource("windows", "create_remote_thread"), {"Channel": SYSMON, "EventID": 8}, 10),
        (Logsource("windows", "process_access"), {"Channel": SYSMON, "EventID": 10}, 8),
        (Logsource("windows", "ps_script"),
         {"Channel": "PowerShellCore/Operational", "EventID": 4104}, 4103),
        (Logsource("windows", "ps_classic_start"), {"Channel": "Windows PowerShell", "EventID": 400}, 600),
        (Logsource("windows", "file_access"),
         {"Provider_Name": "Microsoft-Windows-Kernel-File", "EventID": 12}, 19),
        (Logsource("windows", "process_creation", "sysmon"), {"Channel": SYSMON, "EventID": 1}, 3),
    ],
    ids=str,
)  # fmt: skip
def test_windows_categories_are_the_events_that_the_taxonomy_names(
    logsource: Logsource, event: dict[str, object], other: int
) -> None:
    def met(fields: dict[str, object]) -> bool:
        rule = Text("x", ("y",))
        return any(
            holds(resolve(rule, feed).condition, fields) for feed in feeds(logsource, [WINDOWS])
        )

    whole = {**event, "x": "y"}
    assert met(whole)
    assert met({**whole, "EventID": str(event["EventID"])})
    assert not met({**whole, "EventID": other})
    assert not met({**whole, "Channel": "Security", "Provider_Name": "other"})


def test_the_security_channel_speaks_of_processes_in_its_own_words() -> None:
    rule = All((
        Text("Image", ("c:\\x.exe",)), Text("ParentImage", ("c:\\y.exe",)),
        Text("IntegrityLevel", ("High",)),
    ))  # fmt: skip
    event: dict[str, object] = {
        "Channel": "Security", "EventID": 4688, "NewProcessName": "C:\\x.exe",
        "ParentProcessName": "C:\\y.exe", "MandatoryLabel": "S-1-16-12288",
    }  # fmt: skip
    found = [
        resolve(rule, one) for one in feeds(Logsource("windows", "process_creation"), [WINDOWS])
    ]
    assert [holds(one.condition, event) for one in found].count(True) == 1
    event["EventID"] = 4689
    assert not any(holds(one.condition, event) for one in found)


def test_documents_of_winlogbeat_are_met_by_ecs_names_and_by_what_it_leaves_alone() -> None:
    rule = All((Text("Image", ("c:\\x.exe",)), Text("Hashes", ("MD5=0",))))
    moved: dict[str, object] = {
        "winlog.channel": SYSMON, "winlog.event_id": 1, "event.code": "1",
        "process.executable": "C:\\x.exe", "winlog.event_data.Hashes": "MD5=0",
    }  # fmt: skip
    kept: dict[str, object] = {
        "winlog.channel": SYSMON, "event.code": "1",
        "winlog.event_data.Image": "C:\\x.exe", "winlog.event_data.Hashes": "MD5=0",
    }  # fmt: skip
    found = [
        resolve(rule, one).condition
        for one in feeds(Logsource("windows", "process_creation"), [DOCUMENTS])
    ]
    for event in (moved, kept):
        assert any(holds(one, event) for one in found)
        assert not any(holds(one, {**event, "winlog.channel": "Security"}) for one in found)
    agent: dict[str, object] = {
        "event.category": ["process"], "event.type": ["start"], "host.os.type": "windows",
        "process.executable": "C:\\x.exe", "Hashes": "MD5=0",
    }  # fmt: skip
    assert any(holds(one, agent) for one in found)
    assert not any(holds(one, {**agent, "host.os.type": "linux"}) for one in found)


def test_events_of_a_stated_logsource_feed_rules_that_state_no_more() -> None:
    """`--logsource category=process_creation,product=windows` and the like."""
    dataset = raw_dataset(Logsource("Windows", "process_creation"))
    rule = Text("CommandLine", ("x",))
    for fits in (
        Logsource("windows", "process_creation"), Logsource("windows"),
        Logsource(category="process_creation"), Logsource("WINDOWS", "Process_Creation"),
    ):  # fmt: skip
        (one,) = feeds(fits, [dataset])
        assert resolve(rule, one).condition == rule
    for other in (
        Logsource("linux", "process_creation"), Logsource("windows", service="security"),
        Logsource("windows", "process_creation", "sysmon"), Logsource("linux"),
    ):  # fmt: skip
        assert feeds(other, [dataset]) == []


def test_events_of_a_windows_service_without_channel_are_told_apart_by_number() -> None:
    dataset = raw_dataset(Logsource("windows", service="sysmon"))
    (one,) = feeds(Logsource("windows", "process_creation"), [dataset])
    condition = resolve(Text("Image", ("x",)), one).condition
    assert holds(condition, {"EventID": 1, "Image": "x"})
    assert not holds(condition, {"EventID": 3, "Image": "x"})
    assert feeds(Logsource("windows", "ps_script"), [dataset]) == []
    assert [one.when for one in feeds(Logsource("windows", service="sysmon"), [dataset])] == [
        ALWAYS
    ]


def test_no_row_is_empty_or_impossible_and_every_dataset_is_known() -> None:
    for row in rows():
        assert row.logsource != Logsource()
        assert row.feed.dataset in ALL
        assert row.feed.when != NEVER
    assert routing().keys() <= set(ALL)
    assert known_datasets(Logsource("windows", "ps_script")) == (WINDOWS, DOCUMENTS)


def test_where_a_field_of_a_rule_is_found() -> None:
    dns = Logsource("zeek", service="dns")
    assert target_of(dns, "dns", "query") == Target(("dns.question.name",))
    assert target_of(dns, "dns", "nobody") is None
    assert target_of(dns, "flow", "query") is None
    security = Logsource("windows", service="security")
    assert target_of(security, WINDOWS, "Anything") == Target(("Anything",))


def test_names_are_found_whatever_their_case() -> None:
    (zeek,) = feeds(Logsource("zeek", service="dns"))
    assert resolve(Text("Query", ("x",)), zeek).condition == Text("dns.question.name", ("x",))
    feed = feeds(Logsource("windows", service="security"), [WINDOWS])[0]
    found = resolve(Text("targetusername", ("x",)), feed).condition
    for name in ("TargetUserName", "targetusername"):
        assert holds(found, {"Channel": "Security", name: "X"})


def test_syslog_of_devices_is_told_by_what_they_write() -> None:
    (fortigate,) = feeds(Logsource("fortigate", service="event"))
    rule = All((Text("action", ("Add",)), Text("cfgpath", ("system.admin",))))
    line = (
        'date=2026-01-01 devname="FG" devid="FG1" type="event" subtype="system"'
        ' action="Add" cfgpath="system.admin" cfgobj="x"'
    )
    condition = resolve(rule, fortigate).condition
    assert holds(condition, {"message": line})
    assert not holds(condition, {"message": line.replace('"Add"', '"Edit"')})
    (sudo,) = feeds(Logsource("linux", service="sudo"))
    user = resolve(Text("USER", ("root",)), sudo).condition
    assert holds(
        user, {"message": "Oct 1 h sudo: joe : TTY=p ; PWD=/ ; USER=root ; COMMAND=/bin/sh"}
    )
    assert not holds(user, {"message": "Oct 1 h sudo: joe : TTY=p ; PWD=/ ; USER=bin ; COMMAND=/r"})
    assert resolve(Number("USER", 7), sudo).unknown == frozenset()
