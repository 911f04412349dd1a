"""`fengsui licences`: what of others is installed with us, and under which licence."""

from __future__ import annotations

from importlib.metadata import Distribution, distribution, distributions

import typer

from console.cli.output import show_json, show_table


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(licences)


def licences(as_json: bool = typer.Option(False, "--json", help="One JSON document")) -> None:
    """List third-party packages with version and licence, as their own metadata state them.

    Example: `fengsui licences`
    """
    ours = distribution("fengsui").metadata["Name"]
    rows = sorted(
        {
            (d.metadata["Name"], d.version, licence_of(d))
            for d in distributions()
            if d.metadata["Name"] != ours
        },
        key=lambda row: row[0].lower(),
    )
    if as_json:
        show_json(
            {"packages": [{"name": n, "version": v, "licence": licence} for n, v, licence in rows]}
        )
        return
    show_table("Third-party packages", ("package", "version", "licence"), rows)


def licence_of(package: Distribution) -> str:
    """SPDX expression where the package states one, else its classifiers, else the first line of its text."""
    metadata = package.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    prefix = "License :: OSI Approved :: "
    classifiers = [
        c.removeprefix(prefix) for c in metadata.get_all("Classifier") or [] if c.startswith(prefix)
    ]
    if classifiers:
        return ", ".join(classifiers)
    stated = str(metadata["License"] or "")  # None where the package does not say
    return stated.splitlines()[0][:80] if stated else "not stated"
