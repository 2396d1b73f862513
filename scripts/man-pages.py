#!/usr/bin/env python3
"""man-pages.py FOLDER MOMENT PROGRAM...: manual pages from the command definitions that the programs print.

One page for each program, one for each of its commands (`man purser-run`); commands of commands are sections of their
page. MOMENT, seconds since 1970, is the date that the pages bear.
"""
import datetime
import json
import pathlib
import re
import subprocess
import sys


def escaped(text):
    """Text as the formatter wants it: no character of its language, nothing beyond ASCII."""
    out = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    out = "".join(c if ord(c) < 128 else "\\[u%04X]" % ord(c) for c in out)
    return "\\&" + out if out.startswith(".") else out


def prose(text):
    """Words between back ticks are what is typed, so they are bold."""
    parts = re.split(r"`([^`]+)`", text)
    line = "".join("\\fB" + escaped(part) + "\\fR" if odd % 2 else escaped(part) for odd, part in enumerate(parts))
    return "\\&" + line if line.startswith((".", "'")) else line


def paragraphs(text):
    """Paragraphs as such; lines that were set in columns stay as they are."""
    lines = []
    for block in text.strip().split("\n\n"):
        if re.search(r"\S {2,}\S|\n", block):
            lines += [".PP", ".nf", *(prose(line) for line in block.split("\n")), ".fi"]
        else:
            lines += [".PP", prose(block)]
    return lines


def shown(items):
    return [item for item in items if item.get("shouldDisplay", True)]


def placeholder(argument):
    return "\\fI" + escaped(argument["valueName"]) + "\\fR"


def spelled(argument):
    names = []
    for name in argument["names"]:
        names.append("\\fB" + escaped(("--" if name["kind"] == "long" else "-") + name["name"]) + "\\fR")
    value = " " + placeholder(argument) if argument["kind"] == "option" else ""
    return ", ".join(sorted(names, key=len)) + value


def description(argument):
    text = argument.get("abstract", "").strip()
    if argument.get("discussion"):
        text = (text + " " + argument["discussion"].strip()).strip()
    if argument.get("allValues"):
        text += " One of " + ", ".join("`%s`" % value for value in argument["allValues"]) + "."
    if argument.get("defaultValue"):
        text += " Default: `%s`." % argument["defaultValue"]
    return prose(text) if text else ""


def synopsis(words, command):
    """`purser run [options] -- command ...`"""
    arguments = shown(command.get("arguments", []))
    line = "\\fB" + escaped(" ".join(words)) + "\\fR"
    if any(argument["kind"] != "positional" for argument in arguments):
        line += " [\\fIoptions\\fR]"
    for argument in arguments:
        if argument["kind"] != "positional":
            continue
        word = placeholder(argument) + (" ..." if argument["isRepeating"] else "")
        if argument["parsingStrategy"] == "postTerminator":
            line += " \\fB\\-\\-\\fR " + word
        else:
            line += " [" + word + "]" if argument["isOptional"] else " " + word
    if commands(command):
        line += " \\fIcommand\\fR ..."
    return line


def commands(command):
    return [sub for sub in shown(command.get("subcommands", [])) if sub["commandName"] != "help"]


def sorted_options(command):
    """Options that are one switch in two directions, such as --push and --no-push, share an entry."""
    entries = []
    for argument in shown(command.get("arguments", [])):
        if argument["kind"] == "positional" or not argument.get("names"):
            continue
        text = description(argument)
        if entries and argument["kind"] == "flag" and text and entries[-1][1] == text:
            entries[-1][0].append(spelled(argument))
        else:
            entries.append(([spelled(argument)], text))
    return entries


def body(command):
    lines = []
    positionals = [a for a in shown(command.get("arguments", [])) if a["kind"] == "positional" and description(a)]
    if positionals:
        lines.append("@Arguments")
        for argument in positionals:
            lines += [".TP", placeholder(argument), description(argument)]
    options = sorted_options(command)
    if options:
        lines.append("@Options")
        for names, text in options:
            lines += [".TP", ", ".join(names)] + ([text] if text else [".br"])
    return lines


def headed(lines, heading):
    return [heading + " " + line[1:] if line.startswith("@") else line for line in lines]


def nested(words, command):
    """A command of a command, and those below it, as parts of their page."""
    lines = []
    for sub in commands(command):
        inner = words + [sub["commandName"]]
        if commands(sub):
            lines += nested(inner, sub)
            continue
        lines += [".SS " + escaped(" ".join(inner)), synopsis(inner, sub), ".PP", prose(sub.get("abstract", ""))]
        if sub.get("discussion"):
            lines += paragraphs(sub["discussion"])
        lines += [".PP\n\\fI" + line[1:] + "\\fR" if line.startswith("@") else line for line in body(sub)]
    return lines


def wrapped(line):
    """Running text in lines of 80 characters, none of which begins like a request."""
    if line.startswith((".", "\\fB", "\\fI")) or len(line) <= 80:
        return line
    out, current = [], ""
    for word in line.split(" "):
        if current and len(current) + 1 + len(word) > 79:
            out.append(current)
            current = "\\&" + word if word.startswith((".", "'")) else word
        else:
            current = current + " " + word if current else word
    return "\n".join(out + [current])


def page(words, command, version, date, others):
    name = "-".join(words)
    lines = ['.\\" Generated from the command definitions.', '.TH %s 1 "%s" "Purser %s" "User Commands"' % (escaped(name.upper()), date, version)]
    abstract = command.get("abstract", "").strip().rstrip(".")
    lines += [".SH NAME", escaped(name) + " \\- " + prose(abstract[:1].lower() + abstract[1:])]
    lines += [".SH SYNOPSIS", ".nh", synopsis(words, command), ".hy", ".SH DESCRIPTION", prose(command.get("abstract", ""))]
    if command.get("discussion"):
        lines += paragraphs(command["discussion"])
    lines += [line.upper() if line.startswith(".SH") else line for line in headed(body(command), ".SH")]
    if len(words) == 1:
        lines.append(".SH COMMANDS")
        for sub in commands(command):
            lines += [".TP", "\\fB" + escaped("-".join(words + [sub["commandName"]])) + "\\fR(1)", prose(sub.get("abstract", ""))]
    elif commands(command):
        lines += [".SH COMMANDS"] + nested(words, command)
    lines += [".SH SEE ALSO", ",\n".join(".BR %s (1)" % escaped(other) for other in others if other != name).replace(",\n", " ,\n")]
    return "\n".join(wrapped(line) for line in lines) + "\n"


def main():
    folder = pathlib.Path(sys.argv[1])
    date = datetime.datetime.fromtimestamp(int(sys.argv[2]), datetime.timezone.utc).strftime("%Y-%m-%d")
    programs = {}
    for path in sys.argv[3:]:
        ask = lambda *words: subprocess.run([path, *words], check=True, capture_output=True, text=True).stdout
        programs[pathlib.Path(path).name] = (json.loads(ask("--experimental-dump-help"))["command"], ask("--version").strip())
    tops = sorted(programs)
    for program, (command, version) in programs.items():
        (folder / (program + ".1")).write_text(page([program], command, version, date, tops))
        for sub in commands(command):
            words = [program, sub["commandName"]]
            (folder / ("-".join(words) + ".1")).write_text(page(words, sub, version, date, tops))


main()
