#!/usr/bin/env python3
"""notices.py FILE FOLDER...: what the packages below the FOLDERs, which are linked into the programs, ask to be passed on with them.

Each licence's text stands in FILE once, under the names of all the packages that have it, and each package's own notice.
"""
import pathlib
import sys

licences, notices = {}, []
for top in map(pathlib.Path, sys.argv[2:]):
    for path in sorted(top.glob("*")):
        name = path.parent.name
        if path.name.upper().startswith(("LICENSE", "LICENCE", "COPYING")):
            licences.setdefault(path.read_text(encoding="utf-8", errors="replace").strip("\n"), []).append(name)
        elif path.name.upper().startswith("NOTICE"):
            notices.append((name, path.read_text(encoding="utf-8", errors="replace").strip("\n")))

parts = ["Purser's programs are built with the following packages, and hold what they need of them and of the runtime of Swift."]
rule = "=" * 100
for text, names in sorted(licences.items(), key=lambda item: sorted(item[1])):
    parts.append("%s\nThe licence of %s\n%s\n\n%s" % (rule, ", ".join(sorted(names)), rule, text))
for name, text in sorted(notices):
    parts.append("%s\nThe notice of %s\n%s\n\n%s" % (rule, name, rule, text))
pathlib.Path(sys.argv[1]).write_text("\n\n".join(parts) + "\n", encoding="utf-8")
