"""Rules in SQL: texts and versions, lives and their history, samples, counts by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from fengsui.hashes import sha256
from fengsui.store.rule_states import (
    KeptSample,
    NewVersion,
    RuleDay,
    RuleLife,
    RuleStep,
    RuleVersion,
    StepKind,
)
from fengsui.store.sql import codecs, tables
from fengsui.store.sql.database import chunks
from fengsui.store.sql.repository import Repository, conflict

TEXTS: Final = ("rules", "rule_texts")  # counters of a change of texts


class RuleRepository(Repository):
    """What writers of rules share."""

    def _alone(self, connection: Connection) -> None:
        """One writer of rules at a time, so that numbers are given without gaps or clashes."""
        table = tables.counter
        connection.execute(
            select(table.c.value).where(table.c.name == TEXTS[0]).with_for_update()
        ).scalar_one()

    def _rules_changed(
        self, connection: Connection, ids: Sequence[str], counters: Sequence[str]
    ) -> None:
        """Count the change; `counters`: `rules`, and `rule_texts` where it is about texts."""
        self._changed(connection, "rules", ids)
        table = tables.counter
        for name in counters:
            connection.execute(
                update(table).where(table.c.name == name).values(value=table.c.value + 1)
            )

    def _add_version(self, connection: Connection, version: NewVersion) -> RuleVersion:
        """Append a version within a transaction, with its texts and its entry in the history."""
        newest = _newest(connection, version.rule)
        if version.seen is not None and version.seen != newest:
            raise conflict("text", version.rule, version.seen, newest)
        texts = {sha256(each.encode()): each for each in (version.text, version.base)}
        known = [{"hash": hashed, "text": text} for hashed, text in texts.items() if text]
        self._database.upsert(connection, tables.rule_text, known, replace=())
        made = RuleVersion(
            rule=version.rule,
            number=newest + 1,
            hash=sha256(version.text.encode()),
            origin=version.origin,
            pack=version.pack,
            path=version.path,
            base=sha256(version.base.encode()) if version.base else "",
            by=version.by,
            at=self._clock.now(),
            reason=version.reason,
        )
        connection.execute(insert(tables.rule_version).values(**asdict(made)))
        kind: StepKind = "save" if made.origin == "local" else made.origin
        before, after = str(made.number - 1), str(made.number)
        _add_step(
            connection, RuleStep(made.rule, 0, kind, before, after, made.by, made.at, made.reason)
        )
        return made


class Rules(RuleRepository):
    """Texts, lives, samples and counts."""

    def rules_generation(self) -> tuple[int, int]:
        """Two numbers: the first rises with every change of what should run, the second with texts."""
        table = tables.counter
        statement = select(table.c.name, table.c.value).where(table.c.name.in_(TEXTS))
        with self._database.reading() as connection:
            found = {row.name: row.value for row in connection.execute(statement)}
        return found["rules"], found["rule_texts"]

    def put_version(self, version: NewVersion, seen: int) -> RuleVersion:
        """Keep a new text of a rule file; raises BusyError when the newest is not `seen`."""
        with self._database.writing() as connection:
            self._alone(connection)
            made = self._add_version(connection, replace(version, seen=seen))
            self._rules_changed(connection, [version.rule], TEXTS)
            return made

    def rule_versions(self, rule: str) -> list[RuleVersion]:
        """All of a file, newest first."""
        table = tables.rule_version
        statement = select(table).where(table.c.rule == rule).order_by(table.c.number.desc())
        with self._database.reading() as connection:
            return [RuleVersion(**row) for row in connection.execute(statement).mappings()]

    def newest_versions(self) -> dict[str, RuleVersion]:
        """The newest version of every file that has any."""
        table = tables.rule_version
        newest = select(table.c.rule, func.max(table.c.number).label("number"))
        inner = newest.group_by(table.c.rule).subquery()
        statement = select(table).join(
            inner, (table.c.rule == inner.c.rule) & (table.c.number == inner.c.number)
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).mappings()
            return {str(row["rule"]): RuleVersion(**row) for row in rows}

    def rule_texts(self, hashes: Sequence[str]) -> dict[str, str]:
        """Texts by hash; unknown ones are left out."""
        table = tables.rule_text
        found: dict[str, str] = {}
        with self._database.reading() as connection:
            for piece in chunks(list(dict.fromkeys(hashes))):
                rows = connection.execute(select(table).where(table.c.hash.in_(piece)))
                found |= {row.hash: row.text for row in rows}
        return found

    def step_rule(self, step: RuleStep, life: RuleLife, seen: int | None) -> RuleLife:
        """Keep a decision and its entry in the history; raises BusyError on another revision."""
        with self._database.writing() as connection:
            self._alone(connection)
            table = tables.rule_life
            known = connection.execute(
                select(table.c.revision).where(table.c.rule == step.rule).with_for_update()
            ).scalar_one_or_none()
            revision = known or 0
            if seen is not None and revision != seen:
                raise conflict("state", step.rule, seen, revision)
            now = self._clock.now()
            kept = replace(life, rule=step.rule, revision=revision + 1, changed=now)
            if kept.parked and not kept.parked_at:
                kept = replace(kept, parked_at=now)
            self._database.upsert(connection, table, [asdict(kept)])
            _add_step(connection, replace(step, at=kept.changed))
            self._rules_changed(connection, [step.rule], TEXTS[:1])
            return kept

    def rule_life(self, rule: str) -> RuleLife:
        """What was decided about one rule; one without decisions has revision 0."""
        statement = select(tables.rule_life).where(tables.rule_life.c.rule == rule)
        with self._database.reading() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        return RuleLife(rule) if row is None else RuleLife(**row)

    def rule_lives(self) -> dict[str, RuleLife]:
        """All rules about which something was decided."""
        with self._database.reading() as connection:
            rows = connection.execute(select(tables.rule_life)).mappings()
            return {str(row["rule"]): RuleLife(**row) for row in rows}

    def rule_steps(self, rule: str, limit: int = 200) -> list[RuleStep]:
        """History of a rule, newest first."""
        table = tables.rule_step
        statement = select(table).where(table.c.rule == rule).order_by(table.c.number.desc())
        with self._database.reading() as connection:
            rows = connection.execute(statement.limit(limit)).mappings()
            return [RuleStep(**row) for row in rows]

    def add_sample(self, sample: KeptSample) -> KeptSample:
        """Keep a sample; its number is given here."""
        table = tables.rule_sample
        with self._database.writing() as connection:
            self._alone(connection)
            newest = connection.execute(
                select(func.max(table.c.number)).where(table.c.rule == sample.rule)
            ).scalar_one()
            kept = replace(sample, number=(newest or 0) + 1, at=self._clock.now())
            row = {**asdict(kept), "event": codecs.written(kept.event)}
            connection.execute(insert(table).values(**row))
            self._rules_changed(connection, [sample.rule], ())
            return kept

    def drop_sample(self, rule: str, number: int) -> bool:
        """Take a kept sample away; False where there is none."""
        table = tables.rule_sample
        with self._database.writing() as connection:
            gone = connection.execute(
                delete(table).where(table.c.rule == rule, table.c.number == number)
            ).rowcount
            if gone:
                self._rules_changed(connection, [rule], ())
            return bool(gone)

    def samples(self, rule: str) -> list[KeptSample]:
        """Samples kept beside a rule."""
        table = tables.rule_sample
        statement = select(table).where(table.c.rule == rule).order_by(table.c.number)
        with self._database.reading() as connection:
            return [
                KeptSample(
                    rule=row.rule,
                    number=row.number,
                    kind=row.kind,
                    event=codecs.read(row.event),
                    by=row.by,
                    at=row.at,
                    reason=row.reason,
                )
                for row in connection.execute(statement)
            ]

    def saw_rules(self, growth: Sequence[RuleDay]) -> None:
        """Add to the counts; not forced to the disk, for the next second adds again."""
        if not growth:
            return
        table = tables.rule_day
        insertion = self._database.insert(table)
        statement = insertion.on_conflict_do_update(
            index_elements=["rule", "day"],
            set_={
                name: table.c[name] + insertion.excluded[name]
                for name in ("hits", "events", "seconds")
            },
        )
        with self._database.writing(durable=False) as connection:
            connection.execute(statement, [asdict(each) for each in growth])

    def rule_days(self, since: int, rule: str | None = None) -> list[RuleDay]:
        """Counts from day `since` on, in order of day and rule."""
        table = tables.rule_day
        statement = select(table).where(table.c.day >= since).order_by(table.c.day, table.c.rule)
        if rule is not None:
            statement = statement.where(table.c.rule == rule)
        with self._database.reading() as connection:
            return [RuleDay(**row) for row in connection.execute(statement).mappings()]

    def newest_rule_day(self) -> int | None:
        """The last day that has counts; None without any."""
        with self._database.reading() as connection:
            newest: int | None = connection.execute(
                select(func.max(tables.rule_day.c.day))
            ).scalar_one()
        return newest


def _newest(connection: Connection, rule: str) -> int:
    table = tables.rule_version
    statement = select(func.max(table.c.number)).where(table.c.rule == rule)
    return connection.execute(statement).scalar_one() or 0


def _add_step(connection: Connection, step: RuleStep) -> None:
    table = tables.rule_step
    newest = connection.execute(
        select(func.max(table.c.number)).where(table.c.rule == step.rule)
    ).scalar_one()
    connection.execute(insert(table).values(**asdict(replace(step, number=(newest or 0) + 1))))
