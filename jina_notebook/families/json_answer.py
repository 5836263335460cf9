"""The JSON in a model's answer: found, and repaired where only its form slipped.

Repaired are line breaks inside strings, quotes that were not escaped, single quotes, missing and surplus commas,
comments, unquoted keys, and Python's or JavaScript's words for null, true and false. What was cut off is not completed:
nobody knows what the rest would have said.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

__all__ = ["Parsed", "parse_answer", "strip_fence"]

FENCE = "```"
OPENING = re.compile(r"```(json|markdown)[ \t]*\n")
INNER_FENCE = re.compile(r"[ \t]*```(.*)")
CONSTANTS = {"True": "true", "False": "false", "None": "null", "undefined": "null", "NaN": "null", "Infinity": "null"}
TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/|\#[^\n]*)|(?P<string>["'])|(?P<open>[\[{])|(?P<close>[\]}])"""
    r"""|(?P<mark>[:,])|(?P<atom>[^\s\[\]{}:,"'/\#]+|[/\#])""",
    re.DOTALL,
)
ENDS_STRING = re.compile(r"[ \t]*(?:[\n,:}\]]|//|/\*|$)")
BEFORE_COLON = re.compile(r"\s*:")
ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Parsed(NamedTuple):
    """A JSON value; `repaired` says that the answer's form had slips."""

    value: Any
    repaired: bool


def strip_fence(text: str) -> str:
    """The answer without one outer json or markdown fence, taken off only where it opens and closes the answer.

    >>> strip_fence("```json\\n[1]\\n```")
    '[1]'
    """
    body = text.strip()
    opening = OPENING.match(body)
    if opening is None or not body.endswith(FENCE):
        return text
    lines = body[opening.end() :].split("\n")
    inside = False
    for number, line in enumerate(lines):
        fence = INNER_FENCE.fullmatch(line)
        if fence is None:
            continue
        if fence[1].strip():
            inside = True  # a code block of the page, inside the fence
        elif inside:
            inside = False
        else:
            return "\n".join(lines[:number]) if number == len(lines) - 1 else text
    return text


def parse_answer(text: str, *, is_list: bool = False) -> Parsed | None:
    """The JSON value of an answer, also from inside a fence or a sentence; None where there is none.

    `is_list`: the value looked for inside a sentence is a list, else an object.
    """
    answer = strip_fence(text).strip()
    try:
        return Parsed(json.loads(answer, parse_constant=_refuse), repaired=False)
    except (ValueError, RecursionError):
        begin = 0 if answer.startswith(("{", "[")) else answer.find("[" if is_list else "{")
    if begin < 0:
        return None
    for candidate in (answer[begin:], _repaired(answer[begin:])):
        try:
            value, end = json.JSONDecoder(strict=False, parse_constant=_refuse).raw_decode(candidate)
        except (ValueError, RecursionError):
            continue
        return Parsed(value, repaired=True) if _only_words(candidate[end:]) else None
    return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")


def _only_words(rest: str) -> bool:
    """Whether what follows the value is no further JSON: a closing fence, a sentence."""
    return not rest.strip().startswith(("{", "[", ",", "]", "}", ":"))


def _repaired(text: str) -> str:
    """One JSON value with its form put right as far as the rules above go, and what follows it unchanged."""
    out: list[str] = []
    depth, position, ended = 0, 0, False  # `ended`: a value is complete, a comma or a closing bracket may follow
    while found := TOKEN.match(text, position):
        kind, piece = str(found.lastgroup), found[0]
        position = found.end()
        if kind == "skip":
            continue
        if kind == "mark":
            if piece == ":" or (ended and out[-1] != ","):
                out.append(piece)
            ended = False
            continue
        if kind == "close":
            while out and out[-1] == ",":
                out.pop()
            out.append(piece)
            depth, ended = depth - 1, True
            if depth == 0:
                return "".join(out) + text[position:]
            continue
        if kind == "string":
            piece, position = _string(text, position, piece)
        elif kind == "atom":
            piece = json.dumps(piece) if BEFORE_COLON.match(text, position) else CONSTANTS.get(piece, piece)
        out += [",", piece] if ended else [piece]
        ended = kind != "open"
        depth += kind == "open"
    return "".join(out)


def _string(text: str, position: int, quote: str) -> tuple[str, int]:
    """A string behind its opening quote, as JSON, and where it ends.

    It ends at a quote behind which the value ends: other quotes belong to it.
    """
    out = ['"']
    while position < len(text):
        letter = text[position]
        if letter == "\\":
            escaped = text[position + 1 : position + 2]
            out.append(f"\\{escaped}" if escaped and escaped in '"\\/bfnrtu' else escaped)
            position += 2
            continue
        position += 1
        if letter == quote and ENDS_STRING.match(text, position):
            out.append('"')
            return "".join(out), position
        out.append('\\"' if letter == '"' else ESCAPES.get(letter, letter))
    return "".join(out), position
