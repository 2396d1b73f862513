#!/usr/bin/env python3
"""workflow-check.py WORKFLOW...: what the published schema of GitHub's workflows cannot say of ours.

The shell of every step passes shellcheck; no expression stands in it, for an expression becomes text of the script; what is given to
an action of this repository is one of its inputs."""
import pathlib
import subprocess
import sys

from ruamel.yaml import YAML

TOP = pathlib.Path(__file__).resolve().parent.parent
NAME = "example/purser"
wrong = 0


def tell(text):
    global wrong
    wrong += 1
    print(f"workflow-check: {text}", file=sys.stderr)


def read(path):
    return YAML(typ="safe").load(pathlib.Path(path).read_text())


def shell(place, script, directive):
    if "${{" in script:
        tell(f"{place}: an expression stands in the script; hand it over in 'env'")
        return
    text = f"# shellcheck shell={directive}\n{script}"
    found = subprocess.run(["shellcheck", "--severity=style", "-"], input=text, capture_output=True, text=True)
    if found.returncode != 0:
        tell(f"{place}:\n{found.stdout}{found.stderr}")


def given(place, uses, values):
    folder = uses.split("@")[0][len(NAME) :].strip("/")
    action = TOP / folder / "action.yml"
    if not action.exists():
        tell(f"{place}: there is no action at {folder}")
        return
    for name in set(values) - set(read(action)["inputs"]):
        tell(f"{place}: the action has no input '{name}'")


def main(paths):
    for path in paths:
        for name, job in read(path)["jobs"].items():
            # In a container without bash GitHub takes sh.
            directive = "bash" if "container" not in job else "sh"
            for number, step in enumerate(job.get("steps", []), 1):
                place = f"{path}: {name}, step {number}"
                if "run" in step:
                    shell(place, step["run"], directive)
                if step.get("uses", "").startswith(NAME):
                    values = step.get("with", {})
                    given(place, step["uses"], values)
                    if "run" in values:
                        shell(place, values["run"], "bash")
    sys.exit(1 if wrong else 0)


main(sys.argv[1:])
