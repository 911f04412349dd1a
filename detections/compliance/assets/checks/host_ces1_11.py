"""Security labels (L3-CES1-11): SELinux switched off where it is the system's own label system.

Enforcing alone is no proof. Kylin and UOS have label systems of their own: open.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.kernel import boot_word
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-11", "labels")
_SELINUX_WORDS: Final = ("selinux=0", "enforcing=0")
_APPARMOR_WORDS: Final = ("apparmor=0", "lsm=", "security=none")
_APPARMOR: Final = frozenset({"debian", "ubuntu"})
_SELINUX: Final = frozenset({"rhel", "centos", "rocky", "almalinux", "ol", "openeuler", "fedora"})


def judge(asset: AssetEvidence) -> list[Step]:
    """Off or only warning decides; labels and their test are open."""
    host = host_of(asset)
    file = host.tree.file("/etc/selinux/config")
    live = host.tree.output("getenforce")
    facts = [file.fact("SELINUX", line.split("=", 1)[1].strip(), number)
             for number, line in enumerate(file.lines if file else (), start=1)
             if file and line.startswith("SELINUX=")][-1:]  # fmt: skip
    words = {str(fact.value).lower() for fact in facts}
    if live is not None:
        facts.append(live.fact("getenforce", live.text.strip()))
        words.add(live.text.strip().lower())
    off = words & {"disabled", "permissive"} and host.system[0] in _SELINUX
    own = _SELINUX_WORDS if host.system[0] in _SELINUX else _APPARMOR_WORDS
    told = boot_word(host.tree, *own) if host.system[0] in _SELINUX | _APPARMOR else None
    if told is not None and live is None:
        facts.append(told)
        words.add(str(told.value))
        off = True
    return [
        step("labels_on", False if off else None, ", ".join(sorted(words)), facts),
        step("labels_tested", None),
    ]
