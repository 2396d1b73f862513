#!/usr/bin/env python3
"""gitlab-component.py TEMPLATE [NAME=VALUE...]: a CI/CD component as GitLab expands it, as JSON.

    --header   only what stands before the `---`: the specification of its inputs
    --script   the scripts of its jobs as one shell text, for shellcheck

Inputs are checked as GitLab does: unknown, missing, not among the options, not of the form."""
import json
import re
import sys

from ruamel.yaml import YAML

BLOCK = re.compile(r"\$\[\[ inputs\.([a-z0-9_-]+) \]\]")


def documents(path):
    with open(path, encoding="utf-8") as file:
        header, body = list(YAML(typ="safe", pure=True).load_all(file))
    return header, body


def chosen(specification, given):
    for name in given:
        if name not in specification:
            sys.exit(f"gitlab-component: there is no input {name}")
    values = {}
    for name, about in specification.items():
        about = about or {}
        if name not in given and "default" not in about:
            sys.exit(f"gitlab-component: the input {name} is needed")
        value = given.get(name, about.get("default"))
        if "options" in about and value not in about["options"]:
            sys.exit(f"gitlab-component: {name} is none of {about['options']}")
        if "regex" in about and not re.search(about["regex"], value):
            sys.exit(f"gitlab-component: {name} is not of the form {about['regex']}")
        values[name] = value
    return values


def filled(node, values):
    if isinstance(node, dict):
        return {filled(key, values): filled(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [filled(item, values) for item in node]
    if isinstance(node, str):
        whole = BLOCK.fullmatch(node)
        return values[whole[1]] if whole else BLOCK.sub(lambda match: str(values[match[1]]), node)
    return node


def script(config):
    lines = []
    for job in config.values():
        for part in ("before_script", "script", "after_script"):
            # Each in a shell of its own, as after_script is.
            lines += [f"# {part}", "(", *job.get(part, []), ")"] if part == "after_script" else job.get(part, [])
    return "\n".join(["#!/bin/sh", "set -e", *lines]) + "\n"


def main():
    options = [word for word in sys.argv[1:] if word.startswith("--")]
    path, *pairs = [word for word in sys.argv[1:] if not word.startswith("--")]
    header, body = documents(path)
    if "--header" in options:
        print(json.dumps(header, indent=2))
        return
    given = dict(pair.split("=", 1) for pair in pairs)
    config = filled(body, chosen(header["spec"]["inputs"], given))
    print(script(config) if "--script" in options else json.dumps(config, indent=2))


main()
