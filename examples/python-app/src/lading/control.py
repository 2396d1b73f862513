"""Reads the control paragraph of a Debian source package (a .dsc file, signed or not)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Listed:
    """A file that belongs to the package."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Source:
    """What a .dsc says."""

    name: str
    version: str
    maintainer: str
    files: tuple[Listed, ...]


def fields(text: str) -> dict[str, str]:
    """The fields of the first paragraph; the signature's lines around it are left out."""
    found: dict[str, str] = {}
    key = ""
    is_armour = False
    for line in text.splitlines():
        if line.startswith("-----BEGIN PGP SIGNATURE"):
            break
        if line.startswith("-----BEGIN PGP SIGNED"):
            is_armour = True
        elif not line.strip():
            if found:
                break
            is_armour = False
        elif is_armour:
            continue
        elif line[0] in " \t":
            found[key] = found.get(key, "") + "\n" + line.strip()
        else:
            key, _, value = line.partition(":")
            found[key] = value.strip()
    return found


def source(text: str) -> Source:
    """Raises KeyError or ValueError when a field is missing or malformed."""
    entries = fields(text)
    listed = []
    for line in entries["Checksums-Sha256"].split("\n"):
        if line.strip():
            digest, size, name = line.split()
            listed.append(Listed(name, int(size), digest))
    return Source(entries["Source"], entries["Version"], entries["Maintainer"], tuple(listed))
