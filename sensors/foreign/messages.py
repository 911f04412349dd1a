"""Messages: data of a Windows event out of the text that the event viewer shows for it.

Exports that have only that text (`Get-WinEvent`, saved CSV, Splunk's WinEventLog) lose the names of the
data; the text has them as labels, under headings, in the language of the system: English and Chinese here.
"""

from __future__ import annotations

import re
from typing import Any, Final

_LINE: Final = re.compile(r"^[ \t]*([^:：\r\n]{1,64})[:：][ \t]*(.*?)[ \t\r]*$", re.MULTILINE)
_SYSMON: Final = re.compile(r"^(\w+): ?(.*?)\r?$", re.MULTILINE)
_SCRIPT: Final = re.compile(
    r"^[^\r\n]*\(\d+ (?:of|/|个，共|共) ?\d+[^\r\n]*\)[:：]\r?\n(.*?)\r?\n\r?\nScriptBlock ID: ",
    re.DOTALL,
)
_HEADINGS: Final = {  # heading → what the names of accounts below it begin with
    **dict.fromkeys(("Subject", "Creator Subject", "使用者", "主题", "创建者主题"), "Subject"),
    **dict.fromkeys(
        (
            "Target Subject", "New Logon", "Account For Which Logon Failed", "Target Account",
            "New Account", "Account Whose Credentials Were Used", "Account Information", "User",
            "新登录", "登录失败的帐户", "目标帐户", "新帐户", "目标主题", "Group", "组",
        ),
        "Target",
    ),
}  # fmt: skip
_ACCOUNT: Final = {  # label → the rest of the name
    "Security ID": "UserSid", "Account Name": "UserName", "Account Domain": "DomainName",
    "Logon ID": "LogonId", "Group Name": "UserName", "Group Domain": "DomainName",
    "安全 ID": "UserSid", "帐户名": "UserName", "帐户名称": "UserName", "帐户域": "DomainName",
    "登录 ID": "LogonId",
}  # fmt: skip
_LABELS: Final = {
    "New Process ID": "NewProcessId", "New Process Name": "NewProcessName",
    "Creator Process ID": "ProcessId", "Creator Process Name": "ParentProcessName",
    "Process Command Line": "CommandLine", "Token Elevation Type": "TokenElevationType",
    "Mandatory Label": "MandatoryLabel", "Process Name": "ProcessName",
    "Caller Process Name": "ProcessName", "Process ID": "ProcessId", "Logon Type": "LogonType",
    "Workstation Name": "WorkstationName", "Source Workstation": "Workstation",
    "Source Network Address": "IpAddress", "Client Address": "IpAddress",
    "Source Address": "IpAddress", "Source Port": "IpPort", "Client Port": "IpPort",
    "Authentication Package": "AuthenticationPackageName", "Logon Process": "LogonProcessName",
    "Key Length": "KeyLength", "Service Name": "ServiceName", "Service ID": "ServiceSid",
    "Ticket Options": "TicketOptions", "Ticket Encryption Type": "TicketEncryptionType",
    "Pre-Authentication Type": "PreAuthType", "Share Name": "ShareName",
    "Share Path": "ShareLocalPath", "Relative Target Name": "RelativeTargetName",
    "Object Server": "ObjectServer", "Object Type": "ObjectType", "Object Name": "ObjectName",
    "Access Mask": "AccessMask", "Accesses": "AccessList", "Privileges": "PrivilegeList",
    "Task Name": "TaskName", "Task Content": "TaskContent", "Failure Reason": "FailureReason",
    "Status": "Status", "Failure Code": "Status", "Result Code": "Status",
    "Sub Status": "SubStatus", "Service Type": "ServiceType", "Service Start Type": "StartType",
    "Service File Name": "ServiceFileName", "Service Account": "AccountName",
    "Application Name": "Application", "Destination Address": "DestAddress",
    "Destination Port": "DestPort", "LDAP Display Name": "AttributeLDAPDisplayName",
    "SAM Account Name": "SamAccountName", "Member Name": "MemberName",
    "新进程 ID": "NewProcessId", "新进程名称": "NewProcessName",
    "创建者进程 ID": "ProcessId", "创建者进程名称": "ParentProcessName",
    "进程命令行": "CommandLine", "进程名称": "ProcessName", "登录类型": "LogonType",
    "工作站名": "WorkstationName", "工作站名称": "WorkstationName", "源网络地址": "IpAddress",
    "客户端地址": "IpAddress", "源端口": "IpPort", "客户端端口": "IpPort",
    "身份验证数据包": "AuthenticationPackageName", "登录进程": "LogonProcessName",
    "服务名称": "ServiceName", "服务文件名": "ServiceFileName", "服务类型": "ServiceType",
    "票证加密类型": "TicketEncryptionType", "票证选项": "TicketOptions", "共享名称": "ShareName",
    "相对目标名称": "RelativeTargetName", "对象名": "ObjectName", "任务名称": "TaskName",
    "失败原因": "FailureReason", "状态": "Status", "子状态": "SubStatus",
}  # fmt: skip


def data_of(message: str, provider: str) -> dict[str, Any]:
    """Data of an event under their names; what has no label that is known is left out.

    Args:
        message: the text, whole.
        provider: the source that wrote the event.
    """
    if "Sysmon" in provider:
        return dict(_SYSMON.findall(message))
    if "PowerShell" in provider and (script := _SCRIPT.search(message)):
        return {"ScriptBlockText": script[1]}
    if provider == "PowerShell":  # the channel of old: rules look for words in all of it
        return {"Data": message}
    found: dict[str, Any] = {}
    owner = ""
    for written, value in _LINE.findall(message):
        label = written.strip()
        if not value and label not in _LABELS:
            owner = _HEADINGS.get(label, "")
        elif owner and label in _ACCOUNT:
            found.setdefault(owner + _ACCOUNT[label], value)
        elif label in _LABELS:
            found.setdefault(_LABELS[label], value)
    if "ServiceFileName" in found:
        found["ImagePath"] = found["ServiceFileName"]  # what the channel System calls it
    return found
