"""Changing rules: texts with versions. Each change is recorded and audited.

Whoever saves says which version was looked at; when somebody else was faster nothing is written.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal
from uuid import uuid4

from console.rules.checking import CheckedText, check_text, refuse
from console.rules.lives import RuleConflictError, RuleLives
from console.rules.loading import RuleFile, first_id
from detections.life import state_of
from detections.packs.merge import Merged, merge
from fengsui.errors import BusyError, InputError, NotFoundError
from fengsui.hashes import sha256
from fengsui.store.rule_states import NewVersion, RuleStep, RuleVersion, VersionOrigin

_TITLE = re.compile(r"^title:.*$", re.MULTILINE)


class RuleEditor(RuleLives):
    """What people do to rules: texts, and (see `RuleLives`) decisions."""

    def check(self, text: str, rule: str = "") -> CheckedText:
        """A text as it is typed; samples that are kept beside its rules are tried too."""
        known = self._library.current()
        file = known.file(rule)
        ids = file.ids if file else (rule,) if rule else ()
        return check_text(text, known, self.kept(ids))

    def create(self, text: str, by: str, reason: str) -> str:
        """Keep a new rule of ours as a draft; its id, which is made up where the text has none.

        Raises:
            RuleError: it does not load.
            BusyError: a rule has its id already (`rule_exists`).
        """
        text = with_id(text)
        checked = check_text(text, self._library.current())
        refuse(checked)
        known = self._library.current()
        for rule in checked.rules:
            if rule.id in known.file_of:
                raise BusyError(
                    "There is a rule with this id already",
                    where=rule.id,
                    next="Give yours another id, or change that rule",
                    code="rule_exists",
                )
        id_ = checked.rules[0].id
        seen = max((each.number for each in self._state.rule_versions(id_)), default=0)
        for rule in checked.rules:  # first, so that it never raises in between
            step = RuleStep(rule.id, 0, "state", "", "draft", by, 0, reason or "new")
            self._state.step_rule(
                step, replace(self._state.rule_life(rule.id), state="draft"), None
            )
        self._put(NewVersion(id_, text, "local", "", "", "", by, reason), seen)
        return id_

    def save(self, rule: str, text: str, by: str, reason: str, version: int) -> str:
        """Keep a new text of the file that a rule stands in; the id of the file's first rule.

        Raises:
            NotFoundError: there is no such rule that can be changed.
            RuleError: the text does not load.
            InputError: it has another id (`id_changed`), or a sample fails (`samples_fail`).
            RuleConflictError: somebody saved since `version`.
        """
        file = self.file(rule)
        self._check_for(file, text)
        origin: VersionOrigin = "local"
        self._save(file, text, origin, by, reason, version)
        return file.id

    def revert(self, rule: str, to: int, by: str, reason: str, version: int) -> str:
        """Make an older text the newest; 0 is upstream's. Raises as `save`."""
        file = self.file(rule)
        text = self.text_of(file, to)
        self._check_for(file, text)
        self._save(file, text, "revert", by, reason or f"back to {to}", version)
        return file.id

    def text_of(self, file: RuleFile, number: int) -> str:
        """A version's text; 0 is upstream's as it is now.

        Raises:
            NotFoundError: there is no such version.
        """
        if number == 0 and file.upstream is not None:
            return file.upstream_text
        for each in self._state.rule_versions(file.id):
            if each.number == number:
                return self._state.rule_texts([each.hash])[each.hash]
        raise NotFoundError(
            "There is no such version", where=f"{file.id} {number}", next="See its versions"
        )

    def three_way(self, rule: str) -> tuple[str, str, str, Merged]:
        """Base, ours, upstream's, and what comes of them.

        Raises:
            NotFoundError: the rule has no text of ours over one of upstream.
        """
        file = self.file(rule)
        if file.version is None or not file.version.base:
            raise NotFoundError(
                "This rule was not changed here", where=rule, next="There is nothing to merge"
            )
        base = self._state.rule_texts([file.version.base]).get(file.version.base, "")
        ours, theirs = file.text, file.upstream_text
        return base, ours, theirs, merge(base, ours, theirs)

    def settle(
        self,
        rule: str,
        choice: Literal["local", "upstream", "merged"],
        text: str,
        upstream_hash: str,
        *,
        by: str,
        reason: str,
        version: int,
    ) -> str:
        """Decide about a rule that upstream changed too; from then on it is made from upstream's text.

        Raises:
            RuleConflictError: somebody saved, or upstream changed, since it was looked at.
            RuleError, InputError: as `save`, for the text chosen.
        """
        file = self.file(rule)
        self.three_way(rule)
        theirs = file.upstream_text
        if sha256(theirs.encode()) != upstream_hash:
            error = BusyError(
                "Upstream changed meanwhile", where=rule, next="Look again", code="version_conflict"
            )
            raise RuleConflictError(error, text, theirs, "", file.version)
        chosen = {"local": file.text, "upstream": theirs, "merged": text}[choice]
        self._check_for(file, chosen)
        self._save(file, chosen, "merge", by, reason or choice, version, base=theirs)
        return file.id

    def _check_for(self, file: RuleFile, text: str) -> None:
        known = self._library.current()
        checked = check_text(text, known, self.kept(file.ids))
        refuse(checked)
        ids = [rule.id for rule in checked.rules]
        if file.id not in ids:
            raise InputError(
                "The rule's id must stay as it is",
                where=f"id: {ids[0]}",
                next=f"Write id: {file.id}, or save it as a new rule",
                code="id_changed",
            )
        for id_ in ids:
            if known.file_of.get(id_, file.id) != file.id:
                raise BusyError(
                    "Another file has a rule with this id", where=id_, code="rule_exists"
                )
        if any(state_of(one.status, known.lives.get(one.id)) != "draft" for one in checked.rules):
            self._samples_hold(checked)

    def _save(
        self,
        file: RuleFile,
        text: str,
        origin: VersionOrigin,
        by: str,
        reason: str,
        version: int,
        base: str | None = None,
    ) -> None:
        upstream = file.upstream_text
        if base is None:
            base = upstream
            if file.version is not None and file.version.base:
                base = self._state.rule_texts([file.version.base]).get(file.version.base, upstream)
        if file.upstream is not None and text == upstream:
            origin, base = "upstream", upstream
        pack = "" if file.origin.kind == "local" else file.origin.name
        new = NewVersion(file.id, text, origin, pack, file.path if pack else "", base, by, reason)
        self._put(new, version)

    def _put(self, new: NewVersion, seen: int) -> RuleVersion:
        try:
            made = self._state.put_version(new, seen)
        except BusyError as error:
            versions = self._state.rule_versions(new.rule)
            newest = versions[0]
            looked = next((each.hash for each in versions if each.number == seen), newest.base)
            texts = self._state.rule_texts([newest.hash, looked])
            raise RuleConflictError(
                error, new.text, texts.get(newest.hash, ""), texts.get(looked, ""), newest
            ) from error
        kinds: dict[VersionOrigin, str] = {"local": "save", "upstream": "revert"}
        detail = {
            "version": made.number,
            "hash": made.hash,
            "base": made.base,
            "reason": made.reason,
        }
        self._state.audit(new.by, f"rule.{kinds.get(new.origin, new.origin)}", new.rule, detail)
        return made


def with_id(text: str) -> str:
    """The text with an id of its own after its first title, where it has none."""
    title = _TITLE.search(text)
    if title is None or first_id(text):
        return text
    return f"{text[: title.end()]}\nid: {uuid4()}{text[title.end() :]}"
