"""The command line: `lading [FILE | URL]`; without either the sample that came with the package."""

from importlib.resources import files

import click
import httpx
from rich.console import Console
from rich.table import Table

from .control import Source, source


def read(place: str | None) -> str:
    if place is None:
        return files("lading").joinpath("samples/hello.dsc").read_text(encoding="utf-8")
    if place.startswith(("http://", "https://")):
        return httpx.get(place, follow_redirects=True).raise_for_status().text
    with open(place, encoding="utf-8") as file:
        return file.read()


def table(package: Source) -> Table:
    sheet = Table(title=f"{package.name} {package.version}", caption=package.maintainer)
    sheet.add_column("file")
    sheet.add_column("bytes", justify="right")
    sheet.add_column("sha256")
    for listed in package.files:
        sheet.add_row(listed.name, f"{listed.size:,}", listed.sha256[:16])
    return sheet


@click.command()
@click.argument("place", required=False)
@click.version_option(package_name="lading")
def main(place: str | None) -> None:
    """Print what the Debian source package at PLACE (a file or URL) consists of."""
    Console(width=80).print(table(source(read(place))))
