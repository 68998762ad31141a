#!/usr/bin/env python3
"""The mapping written a second time, from docs/mapping.md, so that golden files never come from the code under test.

Plain Python 3, standard library only; every function stands for one rule, in the order a reader checks it, without care for speed.

Each `*.golden.json` below this folder is one pair: `record` is the vendor's JSON text, byte for byte; `events` are the events it must
become, in wire order. `settings` (optional) changes the settings below; `received_at` (optional) the receive time; `free` (optional)
names fields whose content the specification leaves open: they are not compared and not written here.

`digests.json` has the content hash of every event of every pair. A hash that has once been stored must stay: never write it anew for a pair
that stood there already.

    python3 reference.py                  writes the events of every pair again from its record
    python3 reference.py --check          only says which pairs would change
    python3 reference.py --map VENDOR     maps records of standard input, one JSON string a line, to a line of [content hash, id, event] each

To add a pair: write a file with `record` alone and run this.
"""
import csv
import functools
import hashlib
import ipaddress
import json
import pathlib
import re
import struct
import sys
import unicodedata
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote_to_bytes

HERE = pathlib.Path(__file__).resolve().parent
TABLES = HERE.parents[2] / "config" / "mappings"

SETTINGS = {
    "intercom": {"service_address": "https://api.intercom.io", "organization_id": "xyz789", "organization_name": "ACME"},
    "sequence": {"service_address": "https://eu.sequencehq.com"},
}
AGENT = {
    "agent.id": "6f0c1c1e-9a53-4d0b-8d47-0f1f3f7b1a11",
    "agent.name": "siem-etl-01",
    "agent.type": "activity-connector",
    "agent.version": "1.0.0",
}
RECEIVED_AT = "2026-11-21T19:40:00.000Z"

KEPT_ORIGINAL_BYTES = 512 * 1024
METADATA_KEYS, METADATA_VALUES, METADATA_DEPTH, METADATA_CHARS = 256, 64, 16, 8192
METADATA_KEY_CHARS, METADATA_KEY_DIGEST = 128, 8
EVENT_BYTES_OF_A_LOG = 32 * 1024 * 1024
CHANGED_SETTINGS, RELATED_HOSTS, RELATED_METADATA_USERS = 128, 16, 20
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

sys.setrecursionlimit(10_000)
sys.set_int_max_str_digits(0)

# Quality tags stand in the order of the vocabulary.
QUALITY_TAGS = [
    "_unknown_activity_type", "_unknown_verb", "_actor_missing", "_no_items", "_source_ip_invalid", "_source_ip_non_public",
    "_timestamp_fallback", "_timestamp_suspect", "_id_synthesized", "_metadata_truncated", "_original_truncated",
]


# --- JSON with its raw text -----------------------------------------------------------------------------------------------------

class Node:
    """One JSON value: kind is object, array, string, number, true, false or null; raw is its text as received."""

    def __init__(self, kind, value, text, start, end):
        self.kind, self.value, self.start, self.end = kind, value, start, end
        self.raw = text[start:end]

    @functools.cached_property
    def members(self):
        """The members of an object, names without U+0000; of a name twice only the last."""
        if self.kind != "object":
            return []
        named = [(key.replace("\0", ""), value) for key, value in self.value]
        last = {name: at for at, (name, _) in enumerate(named)}
        return [member for at, member in enumerate(named) if last[member[0]] == at]

    def member(self, name):
        """The last member of exactly that name, null or not."""
        return next((value for key, value in reversed(self.value) if key == name), None) if self.kind == "object" else None

    def get(self, name):
        """A member that is there and not null."""
        found = self.member(name)
        return None if found is None or found.kind == "null" else found

    def is_scalar(self):
        return self.kind in ("string", "number", "true", "false")


SPACE = re.compile(r"[ \t\r\n]*")
STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def parse(text):
    node, end = _value(text, _space(text, 0))
    if _space(text, end) != len(text):
        raise ValueError("text after the record")
    return node


def _space(text, at):
    return SPACE.match(text, at).end()


def _value(text, at):
    start = at
    if text[at] == "{":
        members, raw_members, at = [], [], _space(text, at + 1)
        while text[at] != "}":
            key, at = _value(text, at)
            at = _space(text, _space(text, at) + 1)
            value, at = _value(text, at)
            members.append((key.value, value))
            raw_members.append((key.raw, value))
            at = _space(text, at)
            if text[at] == ",":
                at = _space(text, at + 1)
        node = Node("object", members, text, start, at + 1)
        node.raw_members = raw_members
        return node, at + 1
    if text[at] == "[":
        items, at = [], _space(text, at + 1)
        while text[at] != "]":
            value, at = _value(text, at)
            items.append(value)
            at = _space(text, at)
            if text[at] == ",":
                at = _space(text, at + 1)
        return Node("array", items, text, start, at + 1), at + 1
    if text[at] == '"':
        end = STRING.match(text, at).end()
        raw = text[at:end]
        return Node("string", unicode_only(json.loads(raw)) if "\\" in raw else raw[1:-1], text, start, end), end
    for word in ("true", "false", "null"):
        if text.startswith(word, at):
            return Node(word, None, text, start, at + len(word)), at + len(word)
    end = NUMBER.match(text, at).end()
    return Node("number", text[at:end], text, start, end), end


def unicode_only(s):
    """Invariant 8, first half: a lone surrogate becomes U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", s)


def text_of(node):
    """A scalar as text ("numbers and booleans where text belongs are their text"); None for anything else and for no text."""
    if node is None or not node.is_scalar():
        return None
    text = node.value if node.kind in ("string", "number") else node.kind
    return text.replace("\0", "") or None  # invariant 8, second half


def said(node):
    """A text that is more than white space."""
    text = text_of(node)
    return text if text and trim(text) else None


def id_of(node):
    """Ids: strings and numbers only, and more than white space."""
    return said(node) if node is not None and node.kind in ("string", "number") else None


def word(node):
    """A word of a vendor's list, as its verbs and types: trimmed."""
    return trim(text_of(node) or "") or None


def trim(text):
    return text.strip(WHITE_SPACE)


def lower(text):
    """Character by character: Unicode's simple mapping."""
    return text.lower() if text.isascii() else "".join(c.lower()[0] for c in text)


def upper_ascii(text):
    return re.sub("[a-z]", lambda m: m[0].upper(), text)


def lower_ascii(text):
    return re.sub("[A-Z]", lambda m: m[0].lower(), text)


def utf16(s):
    return s.encode("utf-16-be")


def quoted(s):
    """A JSON string with the escapes of RFC 8785."""
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    return '"' + re.sub('["\\\\\0-\x1f]', lambda m: short.get(m[0]) or f"\\u{ord(m[0]):04x}", s) + '"'


def canonical(node):
    """Sorted keys (by UTF-16 unit, the last of a name counts), no whitespace, raw number text."""
    if node.kind == "object":
        last = dict(node.value)
        return "{" + ",".join(quoted(k) + ":" + canonical(last[k]) for k in sorted(last, key=utf16)) + "}"
    if node.kind == "array":
        return "[" + ",".join(canonical(n) for n in node.value) + "]"
    return quoted(node.value) if node.kind == "string" else node.value if node.kind == "number" else node.kind


def sha256(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# --- Rules both sources share ---------------------------------------------------------------------------------------------------

class Event:
    """The fields of one event while they are found."""

    def __init__(self):
        self.fields, self.tags, self.errors, self.error_type = {}, set(), [], None

    def put(self, name, value):
        """Invariant 4: nothing empty."""
        if value is not None and value != "" and value != []:
            self.fields[name] = value

    def add(self, name, value):
        """Appends to an array of distinct values in first-seen order."""
        if value and value not in self.fields.get(name, []):
            self.fields.setdefault(name, []).append(value)

    def fail(self, kind, problem):
        self.error_type = self.error_type or kind
        self.errors.append(problem)


def instant(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)


def decimal_parts(raw):
    """A number as its sign, its digits from the first to the last that is not 0, the power of ten of the last, and the exponent as written."""
    m = re.fullmatch(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?", raw)
    written, digits = int(m[4] or 0), (m[2] + (m[3] or "")).lstrip("0")
    short = digits.rstrip("0")
    return (m[1] == "-", short, written - len(m[3] or "") + len(digits) - len(short), written) if short else (False, "", 0, written)


def ticks_of_number(raw):
    """By its size seconds, milliseconds, microseconds or nanoseconds; by value, whatever the number of digits."""
    negative, digits, exponent, _ = decimal_parts(raw)
    if negative or not digits:
        return None
    whole = len(digits) + exponent  # digits before the point
    whole += 7 if whole <= 11 else 4 if whole <= 14 else 1 if whole <= 17 else -2
    if whole > 19:
        return None
    ticks = int((digits + "0" * whole)[:whole]) if whole > 0 else 0
    return ticks if ticks < 253402300800 * 10**7 else None


ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?(?:[Zz]|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?")


def ticks_of_time(node):
    """3.1: 100 ns ticks since 1970, cut, not rounded; None if there is no usable time."""
    if node is None:
        return None
    if node.kind == "number":
        return ticks_of_number(node.value)
    if node.kind != "string":
        return None
    text = trim(text_of(node) or "")
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return ticks_of_number(text)
    m = ISO.fullmatch(text)
    if not m:
        return None
    hour, minute, second = (int(m[i] or 0) for i in (4, 5, 6))  # second 60 is a leap second
    offset_hours, offset_minutes = int(m[9] or 0), int(m[10] or 0)
    if hour > 23 or minute > 59 or second > 60 or offset_hours > 23 or offset_minutes > 59:
        return None
    try:
        days = datetime(int(m[1]), int(m[2]), int(m[3])).toordinal() - datetime(1970, 1, 1).toordinal()
    except ValueError:
        return None
    offset = (offset_hours * 3600 + offset_minutes * 60) * (-1 if m[8] == "-" else 1)
    ticks = (days * 86400 + hour * 3600 + minute * 60 + second - offset) * 10**7 + int(((m[7] or "") + "0000000")[:7])
    return ticks if -62135596800 * 10**7 <= ticks < 253402300800 * 10**7 else None


def iso(ticks):
    """yyyy-MM-ddTHH:mm:ss.fffZ; up to 7 fraction digits where those beyond the third are not zero."""
    at = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=ticks // 10**7)
    fraction = f"{ticks % 10**7:07d}"
    return f"{at.year:04d}" + at.strftime("-%m-%dT%H:%M:%S.") + fraction[:3] + fraction[3:].rstrip("0") + "Z"


def put_time(event, log, name, received_at):
    node = log.member(name)
    received = int((instant(received_at) - datetime(1970, 1, 1, tzinfo=timezone.utc)) / timedelta(milliseconds=1)) * 10**4
    ticks = ticks_of_time(node)
    event.put("event.created", received_at)
    if ticks is None:
        event.put("@timestamp", received_at)
        event.tags.add("_timestamp_fallback")
        event.fail("timestamp_fallback", f"{name} is missing" if node is None else f"{name} is not a time")
        return
    event.put("@timestamp", iso(ticks))
    if ticks > received + 24 * 3600 * 10**7 or ticks < 1293840000 * 10**7:  # fetch time + 24 h; 2011-01-01
        event.tags.add("_timestamp_suspect")


def email_of(text):
    """2.1: trimmed, lower case, exactly one @ with text on both sides."""
    trimmed = trim(text or "")
    left, at, right = trimmed.partition("@")
    return lower(trimmed) if at and left and right and "@" not in right else None


def email_in_free_text(text):
    """2.1: the same, without what free text has around an address."""
    text = trim(text)
    if len(text.encode("utf-8")) > 320 or any(c in '"(),:;<>[\\]' or c in WHITE_SPACE or unicodedata.category(c) == "Cc" for c in text):
        return None
    return email_of(text)


def put_user(event, prefix, user_id, email_text, full_name):
    """2.1, the same for user and user.target; true if anything was found."""
    email = email_of(email_text)
    event.put(prefix + ".id", user_id or email)
    if email:
        event.put(prefix + ".email", email)
        event.put(prefix + ".name", email)
        event.put(prefix + ".domain", email.split("@")[1])
    else:
        event.put(prefix + ".name", email_text)
    event.put(prefix + ".full_name", full_name)
    event.add("related.user", user_id)
    event.add("related.user", email)
    return bool(user_id or email_text or full_name)


def strings(node):
    """Every string value, in document order."""
    if node.kind == "string":
        yield text_of(node) or ""
    elif node.kind == "object":
        for _, value in node.members:
            yield from strings(value)
    elif node.kind == "array":
        for value in node.value:
            yield from strings(value)


def relate_metadata_users(event, metadata):
    """2: e-mail addresses of the metadata, at most 20 that nothing else named."""
    before = len(event.fields.get("related.user", []))
    for text in strings(metadata):
        if len(event.fields.get("related.user", [])) < before + RELATED_METADATA_USERS:
            event.add("related.user", email_in_free_text(text))


def put_original(event, raw, settings):
    event.content_hash = content_hash(raw)
    event.put("event.hash", sha256(raw))
    if not settings.get("keep_original", True):
        return
    if len(raw.encode("utf-8")) > KEPT_ORIGINAL_BYTES:
        event.tags.add("_original_truncated")
    else:
        event.put("event.original", raw)


def put_class(event, category, types, outcome, severity, settings):
    event.put("event.category", category)
    event.put("event.type", types)
    event.put("event.outcome", outcome)
    event.put("event.severity", settings.get("severity", {}).get(event.fields["event.action"], severity))


def finish(event, vendor, tenant, event_id, settings):
    """Constants, tags, kind, document id and wire order."""
    dataset = vendor + ".audit"
    event.fields.update(AGENT)
    event.put("agent.ephemeral_id", settings.get("ephemeral_id"))
    event.put("ecs.version", "8.17.0")
    event.put("event.id", event_id)
    event.put("event.kind", "pipeline_error" if event.errors else "event")
    event.put("error.message", event.errors)
    event.put("error.type", event.error_type)
    for name, value in (("event.provider", vendor), ("event.module", vendor), ("event.dataset", dataset),
                        ("service.type", vendor), ("service.name", vendor), ("service.address", settings["service_address"]),
                        ("service.environment", settings.get("environment")),
                        ("organization.id", tenant), ("organization.name", settings.get("organization_name")),
                        ("data_stream.type", "logs"), ("data_stream.dataset", dataset),
                        ("data_stream.namespace", settings.get("namespace", "default"))):
        event.put(name, value)
    for key, value in settings.get("labels", {}).items():
        event.put("labels." + key, value)
    event.put("tags", settings.get("tags", []) + [t for t in QUALITY_TAGS if t in event.tags])
    first = ["@timestamp", "message", "ecs.version"]
    order = [n for n in first if n in event.fields] + sorted(n for n in event.fields if n not in first)
    document_id = sha256(f"v1\n{dataset}\n{tenant or ''}\n{event_id}")[:40]
    return {"content_hash": event.content_hash, "_id": document_id, "event": {n: event.fields[n] for n in order}}


@functools.cache
def table(vendor):
    with open(TABLES / f"{vendor}-ecs.csv", encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def cell(row, name):
    return [v for v in row[name].split("|") if v]


# --- Free-form metadata (1.3) ---------------------------------------------------------------------------------------------------

@functools.lru_cache(100_000)
def name_part(key):
    """One key: letters, marks after them, and digits of every script in lower case, everything else _; its code points where nothing else is left."""
    kept = "_"
    for c in key:
        category = unicodedata.category(c)
        fits = category[0] == "L" or category == "Nd" or category in ("Mn", "Mc") and kept[-1] != "_"
        kept += lower(c) if fits else "_"
    return re.sub("__+", "_", kept).strip("_") or "u" + "_".join(f"{ord(c):x}" for c in key)


@functools.lru_cache(100_000)
def name_below(name, key):
    """The name of a key below a name, or below none: at most 128 UTF-16 units, a longer one cut with a digest of the whole."""
    whole = f"{name}_{name_part(key)}" if name else name_part(key)
    short, was_cut = cut(whole, METADATA_KEY_CHARS)
    return cut(whole, METADATA_KEY_CHARS - METADATA_KEY_DIGEST - 1)[0] + "_" + sha256(whole)[:METADATA_KEY_DIGEST] if was_cut else short


def cut(text, units=METADATA_CHARS):
    """At most so many UTF-16 units, never half a pair."""
    if len(utf16(text)) // 2 <= units:
        return text, False
    kept = utf16(text)[:units * 2]
    if 0xD8 <= kept[-2] <= 0xDB:
        kept = kept[:-2]
    return kept.decode("utf-16-be"), True


def leaves(node, name="", depth=0, in_array=False):
    """Every scalar in document order: the name of its path, how many keys that has, the scalar, whether an array is above it."""
    if node.kind == "object":
        for key, value in node.members:
            yield from leaves(value, name_below(name, key), depth + 1, in_array)
    elif node.kind == "array":
        for value in node.value:
            yield from leaves(value, name, depth, True)
    else:
        yield name, depth, node, in_array


def top_values(metadata):
    """Metadata that is no object: one field, elements that are containers as canonical JSON."""
    for node in metadata.value if metadata.kind == "array" else [metadata]:
        yield "value", 1, canonical(node) if node.kind in ("object", "array") else text_of(node), metadata.kind == "array"


def metadata_fields(event, metadata):
    """intercom.metadata.*: one keyword leaf per joined path. Returns the leaves kept, in document order."""
    values, arrays, kept = {}, set(), []
    found = ((key, depth, text_of(node), in_array) for key, depth, node, in_array in leaves(metadata)) \
        if metadata.kind == "object" else top_values(metadata)
    for key, depth, text, in_array in found:
        if text is None:
            continue
        if depth > METADATA_DEPTH or (key not in values and len(values) == METADATA_KEYS):
            event.tags.add("_metadata_truncated")
            continue
        if len(values.get(key, [])) == METADATA_VALUES:
            event.tags.add("_metadata_truncated")
            continue
        text, was_cut = cut(text)
        if was_cut:
            event.tags.add("_metadata_truncated")
        values.setdefault(key, []).append(text)
        kept.append((key, text))
        if in_array:
            arrays.add(key)
    for key, found in values.items():
        event.put("intercom.metadata." + key, found if key in arrays or len(found) > 1 else found[0])
    return kept


def exact(node):
    """A scalar by type and value."""
    if node.kind != "number":
        return node.kind, node.value
    *value, written = decimal_parts(node.value)
    return "number", value if not value[1] or abs(written) < 10**18 else node.value


def paths(node, name):
    """The names of a value's leaves; its own where it has none."""
    below = [(name_below(name, key), value) for key, value in node.members] if node.kind == "object" \
        else [(name, value) for value in node.value] if node.kind == "array" else []
    return [found for at, value in below for found in paths(value, at)] or [name]


def differences(before, after, name):
    """The names of the paths at which two values differ by type or value, or that only one of them has."""
    if before.kind == after.kind == "object":
        others, names = dict(after.members), []
        for key, value in before.members:
            names += differences(value, others[key], name_below(name, key)) if key in others else paths(value, name_below(name, key))
        known = dict(before.members)
        return names + [found for key, value in after.members if key not in known for found in paths(value, name_below(name, key))]
    if before.kind == after.kind == "array":
        both = min(len(before.value), len(after.value))
        names = [found for b, a in zip(before.value, after.value) for found in differences(b, a, name)]
        return names + [found for value in before.value[both:] + after.value[both:] for found in paths(value, name)]
    if before.kind not in ("object", "array") and after.kind not in ("object", "array") and exact(before) == exact(after):
        return []
    return paths(before, name) + paths(after, name)


def changed_settings(metadata):
    """3.6"""
    names = []
    changes, before, after = metadata.get("changes"), metadata.get("before"), metadata.get("after")
    if changes is not None:
        names += [name_below("", key) for key, _ in changes.members]
    if before is not None and after is not None and before.kind == after.kind == "object":
        names += differences(before, after, "")
    return list(dict.fromkeys(names))[:CHANGED_SETTINGS]


def ipv4_number(text):
    """An IPv4 address as inet_aton reads it: one to four parts, each decimal, octal (0...) or hexadecimal (0x...)."""
    parts = text.split(".")
    if len(parts) > 4:
        return None
    numbers = []
    for part in parts:
        m = re.fullmatch("0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*)", part)
        if not m:
            return None
        numbers.append(int(m[1], 16) if m[1] else int(m[3]) if m[3] else int(m[2] or "0", 8))
    if any(n > 255 for n in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return None
    return str(ipaddress.IPv4Address(sum(n << 8 * (3 - i) for i, n in enumerate(numbers[:-1])) + numbers[-1]))


def host_of(text):
    """2: the host of an absolute http(s) URL as a browser reads it, or a bare domain."""
    text = trim(text)
    url = re.sub("[\t\n\r]", "", text)
    m = re.match(r"[Hh][Tt][Tt][Pp][Ss]?:[/\\]*", url)
    if not m:
        bare = ascii_forms(text)
        return host_name(bare) if re.search(r"[.].", bare) and "_" not in bare else None
    authority = re.split(r"[/\\?#]", url[m.end():], maxsplit=1)[0].rpartition("@")[2]
    if authority.startswith("["):
        host, bracket, port = authority[1:].partition("]")
        if not bracket:
            return None
        try:
            ip = ipaddress.IPv6Address(host)
        except ValueError:
            return None
        return str(ip.ipv4_mapped or ip) if is_port(port) and "%" not in host else None
    host, colon, port = authority.partition(":")
    if not is_port(colon + port):
        return None
    try:
        host = unquote_to_bytes(host).decode("utf-8")
    except UnicodeDecodeError:
        return None
    host = ascii_forms(host)
    last = host.removesuffix(".").rpartition(".")[2]
    if re.fullmatch("[0-9]+|0[xX][0-9a-fA-F]*", last):
        return ipv4_number(host.removesuffix("."))
    return host_name(host)


def is_port(text):
    return not text or bool(re.fullmatch(":[0-9]*", text)) and int(text[1:] or 0) < 65536


def ascii_forms(text):
    """Full-width forms, ideographic full stops, and invisible characters, as a browser takes them."""
    text = re.sub("[\xad\u200b\u2060\ufeff]", "", text)
    return "".join("." if c in "\u3002\uff61" else chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else c for c in text)


def host_name(text):
    """Labels of letters, digits, hyphens and underscores, the last beginning with a letter; lower case, without a dot at the end."""
    host = lower(ascii_forms(text)).removesuffix(".")
    labels = host.split(".")
    fits = all(
        0 < len(label.encode("utf-8")) <= 63 and label[0] != "-" and label[-1] != "-"
        and all(c in "-_" or unicodedata.category(c) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Mn", "Mc") for c in label) for label in labels)
    return host if fits and len(host.encode("utf-8")) <= 253 and unicodedata.category(labels[-1][0])[0] == "L" else None


# --- Intercom (3) ---------------------------------------------------------------------------------------------------------------

TARGET_TYPES = re.compile(
    r"admin_deletion|admin_deprovisioned|admin_provisioned|admin_invite_.*|admin_permission_change|admin_two_factor_auth_change"
    r"|admin_impersonation_.*|admin_password_reset_.*|seat_change|seat_revoke|app_team_membership_modification"
    r"|admin_.*_assignment_limit_change", re.S)


def intercom(text, received_at, settings, rows):
    record = parse(text)
    if record.kind == "null":
        return []
    event, tenant = Event(), settings["organization_id"]
    if record.kind != "object":
        event.fail("not_an_object", "the record is not a JSON object")
    put_time(event, record, "created_at", received_at)
    put_original(event, record.raw, settings)
    event_id = id_of(record.get("id"))
    if event_id is None:
        event_id = "sha256:" + sha256(canonical(record))[:32]
        event.tags.add("_id_synthesized")
    event.put("intercom.api_version", settings.get("api_version"))

    activity_type = word(record.get("activity_type")) or ""
    event.put("intercom.activity_type", activity_type)
    event.put("event.action", activity_type or "unknown")
    row = rows.get(activity_type)
    if row:
        put_class(event, cell(row, "event.category"), cell(row, "event.type"), row["event.outcome"], int(row["severity"]), settings)
    else:
        event.tags.add("_unknown_activity_type")
        put_class(event, *unknown_type(activity_type), settings)

    actor = record.get("performed_by")
    if actor is None or actor.kind != "object":
        event.tags.add("_actor_missing")
    else:
        put_user(event, "user", id_of(actor.get("id")), said(actor.get("email")), said(actor.get("name")))
        event.put("intercom.performed_by.type", text_of(actor.get("type")))
        put_source(event, text_of(actor.get("ip")))

    metadata = record.get("metadata")
    if metadata is not None:
        intercom_metadata(event, metadata, activity_type)

    who = event.fields.get("user.name") or event.fields.get("user.id") or "An unknown actor"
    event.put("message", said(record.get("activity_description")) or f"{who} performed {activity_type or 'unknown'}")
    return [finish(event, "intercom", tenant, event_id, settings)]


def intercom_metadata(event, metadata, activity_type):
    kept = metadata_fields(event, metadata)
    event.put("intercom.changed_settings", changed_settings(metadata))

    has_target = bool(TARGET_TYPES.fullmatch(activity_type)) and put_target(event, metadata)
    if has_target:
        put_changes(event, metadata)

    team = metadata.get("team")
    if team is not None and (activity_type.startswith("app_team_") or activity_type == "team_assignment_limit_change"):
        for name, value in (("id", id_of(team.get("id"))), ("name", said(team.get("name")))):
            event.put("group." + name, value)
            if has_target:
                event.put("user.target.group." + name, value)

    update_by = id_of(metadata.get("update_by"))
    event.add("related.user", email_of(update_by) or update_by)
    event.add("related.user", id_of(metadata.get("update_by_name")))
    relate_metadata_users(event, metadata)
    for key, text in kept:
        if set(key.split("_")) & {"url", "uri", "endpoint", "webhook", "domain", "domains", "host"} and not key.endswith("_topics"):
            if len(event.fields.get("related.hosts", [])) < RELATED_HOSTS:
                event.add("related.hosts", host_of(text))


def put_target(event, metadata):
    """3.3: the first container that names a user wins, attributes are never mixed from two."""
    for name in ("admin", "teammate", "invitee", "invite", "target_admin", "user"):
        found = metadata.get(name)
        if found is None:
            continue
        if found.kind == "object":
            full = said(found.get("name")) or " ".join(n for n in (said(found.get("first_name")), said(found.get("last_name"))) if n)
            if put_user(event, "user.target", id_of(found.get("id")), said(found.get("email")), full):
                return True
        elif found.kind == "string" and "@" in found.value:
            return put_user(event, "user.target", None, text_of(found), None)
    first = lambda names, take: next((v for v in (take(metadata.get(n)) for n in names) if v), None)
    return put_user(
        event, "user.target",
        first(("admin_id", "teammate_id", "user_id"), id_of),
        first(("admin_email", "teammate_email", "invitee_email", "invite_email", "email"), said),
        first(("admin_name", "teammate_name"), said))


def before_and_after(metadata, name):
    """2.1: a pair of texts that differ: the change of that name, as object or as [before, after], or else the member of before and after."""
    changes, before, after = metadata.get("changes"), metadata.get("before"), metadata.get("after")
    change = changes.get(name) if changes is not None else None
    pair = (None, None)
    if change is not None:
        pair = change.value[:2] if change.kind == "array" and len(change.value) > 1 else (change.get("before"), change.get("after"))
    pair = tuple(said(side) for side in pair)
    if not all(pair) and before is not None and after is not None:
        pair = said(before.get(name)), said(after.get(name))
    return pair if all(pair) and pair[0] != pair[1] else (None, None)


def put_changes(event, metadata):
    """user.changes.*: what e-mail and name of the target became."""
    _, name = before_and_after(metadata, "name")
    event.put("user.changes.full_name", name)
    old, new = (email_of(text) for text in before_and_after(metadata, "email"))
    if new and new != old:
        # 2.1: an e-mail is user.email, user.name and user.domain; of these the ones that changed.
        event.put("user.changes.email", new)
        event.put("user.changes.name", new)
        if not old or old.split("@")[1] != new.split("@")[1]:
            event.put("user.changes.domain", new.split("@")[1])
        event.add("related.user", new)


NON_PUBLIC = [ipaddress.ip_network(n) for n in (
    "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 100.64.0.0/10 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24"
    " 198.18.0.0/15 ::1/128 fc00::/7 fe80::/10 2001:db8::/32").split()]


def address(candidate):
    """3.2: address and port of one candidate, or None."""
    text, port = trim(candidate), None
    m = re.fullmatch(r"\[([^\]]*)\](?::([0-9]{1,5}))?", text)
    if m:
        text, port = m[1], m[2]
    else:
        m = re.fullmatch("([0-9.]+):([0-9]{1,5})", text)
        if m:
            text, port = m[1], m[2]
    if port is not None and int(port) > 65535:
        return None
    if ":" in text:
        try:
            ip = ipaddress.IPv6Address(text.split("%")[0])
        except ValueError:
            return None
        ip = ip.ipv4_mapped or ip
    else:
        octets = text.split(".")
        if len(octets) != 4 or not all(re.fullmatch("0|[1-9][0-9]{0,2}", o) and int(o) < 256 for o in octets):
            return None
        ip = ipaddress.IPv4Address(text)
    return ip, port


def put_source(event, ip_text):
    ip_text = trim(ip_text or "")
    if not ip_text:
        return
    event.put("source.address", ip_text)
    valid = [a for a in map(address, ip_text.split(",")) if a]
    if not valid:
        event.tags.add("_source_ip_invalid")
        return
    named = [a for a in valid if str(a[0]) not in ("0.0.0.0", "::")]
    if not named:
        return
    ip, port = named[0]
    event.put("source.ip", str(ip))
    if port is not None:
        event.put("source.port", int(port))
    if any(ip.version == n.version and ip in n for n in NON_PUBLIC):
        event.tags.add("_source_ip_non_public")
    for other, _ in named:
        event.add("related.ip", str(other))


def unknown_type(name):
    """3.5: category, types, outcome, severity of a type that no row names."""
    name = lower_ascii(name)
    has = lambda pattern: re.search(pattern, name) is not None
    class_word = True
    if has("login_fail|unauthorized") or has("^admin_(log|impersonation)"):
        category = "authentication"
    elif has("export") or has("^(bulk_|csv_|app_data_)") or has("^conversation_.*(delet|export)"):
        category = "database"
    elif has("^(admin_|role_|seat_|app_team_)|invite|permission|token|secret|credential|oauth|two_factor"):
        category = "iam"
    else:
        category, class_word = "configuration", False

    suffix = True
    if has("export"):
        activity = "access"
    elif has(r"(deletion|deleted?|uninstallation|removal|removed|revo[kc][a-z0-9_]*|deprovisioned)$"):
        activity = "deletion"
    elif has(r"(creation|created?|installation|join|provisioned)$"):
        activity = "creation"
    elif has(r"(changed?|updated?|modification|regeneration|action|completion|success|(un)?published|archived|(en|dis)abled?)$"):
        activity = "change"
    else:
        activity, suffix = "info", has("(preview|request)$")

    severity = 47 if has("export|delet|token|secret|auth|sso|permission|role|imperson|security|redact|allowlist|mfa") else 21
    if not class_word and not suffix:
        return [], ["info"], None, severity

    if category == "database" and activity in ("creation", "deletion"):
        activity = "change"
    if category == "authentication":
        activity = "start" if has("(_start|login_success)$") else "end" if has("(_end|logout)$") else "info"
    if category == "iam" and activity == "access":
        activity = "info"
    types = [activity]
    if category == "iam":
        types.insert(0, "admin" if has("token|secret|credential|oauth|role") else "group" if has("team") else "user")
    if has("fail|unauthorized"):
        outcome = "failure"
    elif has("request$"):
        outcome = "unknown"
    elif has("preview$") or types == ["info"]:
        outcome = None
    else:
        outcome = "success"
    return [category], types, outcome, severity


# --- Sequence (4) ---------------------------------------------------------------------------------------------------------------

def sequence(text, received_at, settings, rows):
    log = parse(text)
    if log.kind == "null":
        return []
    items = log.get("activityLogItems")
    if items is None or items.kind != "array" or not items.value or too_large(log, items):
        return [envelope(log, received_at, settings, rows)]
    twins, events = {}, []
    for index, item in enumerate(items.value):
        raw = text[log.start:items.start] + "[" + item.raw + "]" + text[items.end:log.end]
        events.append(item_event(log, item, index, len(items.value), raw, received_at, settings, rows, twins))
    return events


def too_large(log, items):
    """4.2: what the events of all items would take."""
    return len(items.value) * (len(log.raw.encode("utf-8")) - len(items.raw.encode("utf-8")) + 1024) > EVENT_BYTES_OF_A_LOG


def log_fields(log, count, received_at, raw, settings):
    event = Event()
    if log.kind != "object":
        event.fail("not_an_object", "the record is not a JSON object")
    put_time(event, log, "createdAt", received_at)
    put_original(event, raw, settings)
    event.put("sequence.activity_log.id", id_of(log.get("id")))
    event.put("sequence.activity_log.type", word(log.get("activityType")))
    event.put("sequence.activity_log.api_version", word(log.get("apiVersion")))
    event.put("sequence.activity_log.origin", word(log.get("origin")))
    event.fields["sequence.activity_log.item_count"] = count
    trace_id, kept = trace(word(log.get("traceId")))
    event.put("trace.id", trace_id)
    event.put("sequence.trace_id", kept)
    tenant = id_of(log.get("sequenceAccountId"))
    if tenant is None:
        event.fail("account_missing", "sequenceAccountId is missing")
    return event, tenant


def log_id(log):
    return id_of(log.get("id")) or "sha256:" + sha256(canonical(log))[:32]


def trace(raw):
    """Mapping 4.4: trace.id and the raw text where the table keeps it."""
    if not raw:
        return None, None
    text = lower_ascii(raw)
    uuid = re.fullmatch("([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})", text)
    # A later version may have more fields.
    parent = re.fullmatch("00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}", text) \
        or re.fullmatch("(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?", text, re.S)
    parent = None if parent and parent[2] == "0" * 16 else parent
    trace_id = "".join(uuid.groups()) if uuid else parent[1] if parent else text
    if not re.fullmatch("[0-9a-f]{32}", trace_id) or trace_id == "0" * 32:
        return None, raw
    return trace_id, raw if uuid else None


def envelope(log, received_at, settings, rows):
    items = log.get("activityLogItems")
    count = len(items.value) if items is not None and items.kind == "array" else 0
    event, tenant = log_fields(log, count, received_at, log.raw, settings)
    if items is not None and items.kind != "array":
        event.fail("not_an_array", "activityLogItems is not an array")
    if count:
        event.fail("too_many_items", "the events of its items would be larger than 32 MiB")
    else:
        event.tags.add("_no_items")
    if id_of(log.get("id")) is None:
        event.tags.add("_id_synthesized")
    event_id = log_id(log)
    activity_type = word(log.get("activityType")) or "unknown"
    event.put("event.action", lower(activity_type))
    row = rows[0]
    put_class(event, cell(row, "event.category"), cell(row, "event.type"), row["event.outcome"], int(row["severity"]), settings)
    event.put("message", f"Sequence activity {activity_type} with{' too many' if count else 'out'} items")
    return finish(event, "sequence", tenant, event_id, settings)


def item_event(log, item, index, count, raw, received_at, settings, rows, twins):
    event, tenant = log_fields(log, count, received_at, raw, settings)
    event.fields["sequence.item.index"] = index
    event_id = id_of(item.get("id"))
    event.put("sequence.item.id", event_id)
    if event_id is None:
        text = canonical(item)
        twins[text] = twins.get(text, 0) + 1
        event_id = f"{log_id(log)}:sha256:{sha256(text)[:32]}" + (f":{twins[text]}" if twins[text] > 1 else "")
        event.tags.add("_id_synthesized")

    event.put("sequence.item.activity_log_id", id_of(item.get("activityLogId")))
    verb = word(item.get("verb"))
    event.put("sequence.item.verb", verb)
    event.put("sequence.item.name", text_of(item.get("name")))
    event.put("event.reason", text_of(item.get("reason")))
    if item.kind != "object":
        event.fail("item_not_an_object", "the item is not a JSON object")

    parts = {}
    for part in ("actor", "object", "target"):
        found = item.get("activityLog" + part.capitalize())
        if found is None or found.kind != "object":
            if part != "target":
                event.fail(part + "_missing", f"activityLog{part.capitalize()} is missing")
            if part == "actor":
                event.tags.add("_actor_missing")
            continue
        parts[part] = found
        event.put(f"sequence.{part}.id", id_of(found.get("id")))
        event.put(f"sequence.{part}.entity_type", word(found.get("entityType")))
        event.put(f"sequence.{part}.entity_id", id_of(found.get("entityId")))
    actor = parts.get("actor")
    if actor is not None:
        put_user(event, "user", id_of(actor.get("entityId")) or id_of(actor.get("id")), said(actor.get("email")), None)
    for part in ("object", "target"):
        found = parts.get(part)
        own_id = found and (id_of(found.get("entityId")) or id_of(found.get("id")))
        if own_id and upper_ascii(word(found.get("entityType")) or "").endswith("USER"):
            put_user(event, "user.target", own_id, None, None)
            break
    metadata = item.get("metadata")
    if metadata is not None:
        sequence_metadata(event, metadata)
        relate_metadata_users(event, metadata)

    entity = word(parts["object"].get("entityType")) if "object" in parts else None
    verb, entity = verb or "unknown", entity or "unknown"
    event.put("event.action", f"{lower(entity)}_{lower(verb)}")
    row = sequence_row(rows, verb, entity)
    category, types = sequence_class(row, entity)
    if row["known"] == "no":
        event.tags.add("_unknown_verb")
    put_class(event, category, types, row["event.outcome"], int(row["severity"]), settings)

    who = event.fields.get("user.name") or event.fields.get("user.id") or "An unknown actor"
    event.put("message", said(item.get("summary")) or said(item.get("name")) or f"{who} {verb} {entity}")
    return finish(event, "sequence", tenant, event_id, settings)


def sequence_row(rows, verb, entity):
    """First match, exact rows before patterns as the table stands; letters of ASCII in any case."""
    def fits(pattern, value):
        if pattern.startswith("~"):
            return re.search(pattern[1:], value, re.I | re.A) is not None
        return pattern == "*" or pattern == value
    return next(r for r in rows[1:] if fits(r["verb"], upper_ascii(verb)) and fits(r["entity_type"], upper_ascii(entity)))


def sequence_class(row, entity):
    types = cell(row, "event.type")
    if row["event.category"] != "{class}":
        return cell(row, "event.category"), types
    entity = upper_ascii(entity)
    if re.search("USER|ROLE|PERMISSION|API_KEY|CREDENTIAL|TOKEN|SECRET|SSO|TEAM|INVITE", entity):
        types = ["info" if t == "access" else t for t in types]
        return ["iam"], ["user" if entity.endswith("USER") else "admin"] + types
    if re.search("SETTING|POLICY|INTEGRATION|WEBHOOK|MERCHANT|CUSTOM_FIELD|PRODUCT|PRICE|TAX|METRIC|SCHEDULE|WORKFLOW|TEMPLATE|ACCOUNT",
                 entity):
        return ["configuration"], types
    return ["api"], types


def sequence_metadata(event, metadata):
    found = []
    for element in metadata.value if metadata.kind == "array" else [metadata]:
        if element.kind == "object":
            key, value = element.member("key"), element.member("value")
            if len(element.members) == 2 and key is not None and value is not None and key.is_scalar() \
                    and (value.is_scalar() or value.kind == "null"):
                text = f"{text_of(key) or ''}={text_of(value) or ''}"
            else:
                text = canonical(element)
        elif element.kind == "array":
            text = canonical(element)
        else:
            text = text_of(element)
        if not text:
            continue
        if len(found) == METADATA_VALUES:
            event.tags.add("_metadata_truncated")
            break
        text, was_cut = cut(text)
        if was_cut:
            event.tags.add("_metadata_truncated")
        found.append(text)
    event.put("sequence.metadata", found)


# --- The content hash -----------------------------------------------------------------------------------------------------------

MASK = 2**64 - 1


def mixed(hash_, first, second):
    product = (hash_ ^ first) * (second ^ 0x9E3779B97F4A7C15)
    return (product >> 64) ^ (product & MASK)


def head(length, kind):
    return (length << 8 | ord(kind)) * 0xD1B54A32D192ED03 & MASK


def words(hash_, data):
    """Blocks of 16 bytes, at least one, zeros after the last byte."""
    blocks = max(-(-len(data) // 16), 1)
    numbers = struct.unpack(f"<{2 * blocks}Q", data.ljust(16 * blocks, b"\0"))
    for first, second in zip(numbers[::2], numbers[1::2]):
        hash_ = mixed(hash_, first, second)
    return hash_


def with_text(hash_, data, kind):
    return words(hash_ ^ head(len(data), kind), data)


def with_string(hash_, raw, kind):
    """As it is decoded; a string with a lone surrogate as it is written, without its quotes."""
    try:
        return with_text(hash_, (json.loads(raw) if "\\" in raw else raw[1:-1]).encode("utf-8"), kind)
    except UnicodeEncodeError:
        return with_text(hash_, raw[1:-1].encode("utf-8"), kind.upper())


def with_number(hash_, raw):
    negative, digits, exponent, written = decimal_parts(raw)
    if not digits:
        return hash_ ^ head(0, "+")
    if abs(written) >= 10**18:
        return with_text(hash_, raw.encode(), "N")
    return words(mixed(hash_ ^ head(len(digits), "-" if negative else "+"), exponent & MASK, 0), digits.encode())


def leaf(hash_):
    hash_ = (hash_ ^ hash_ >> 33) * 0xFF51AFD7ED558CCD & MASK
    hash_ = (hash_ ^ hash_ >> 33) * 0xC4CEB9FE1A85EC53 & MASK
    return hash_ ^ hash_ >> 33


def summed(path, node):
    """The sum of the hashes of a value and of all in it."""
    if node.kind == "null":
        return 0
    if node.kind == "string":
        return leaf(with_string(path, node.raw, "s"))
    if node.kind == "number":
        return leaf(with_number(path, node.raw))
    if node.kind == "object":
        members = {path_: value for path_, value in ((with_string(path, key, "m"), value) for key, value in node.raw_members)}
        return leaf(path ^ head(0, "{")) + sum(summed(p, v) for p, v in members.items())
    if node.kind == "array":
        return leaf(path ^ head(0, "[")) + sum(summed(mixed(path ^ head(i, "e"), 0, 0), v) for i, v in enumerate(node.value))
    return leaf(path ^ head(0, node.kind[0]))


def content_hash(original):
    """Of what event.original holds, or would hold."""
    return f"{summed(0x243F6A8885A308D3, parse(original)) & MASK or 1:016x}"


# --- The pairs ------------------------------------------------------------------------------------------------------------------

def events_of(vendor, pair):
    settings = {**SETTINGS[vendor], **pair.get("settings", {})}
    received_at = pair.get("received_at", RECEIVED_AT)
    if vendor == "intercom":
        return intercom(pair["record"], received_at, settings, {r["activity_type"]: r for r in table("intercom")})
    return sequence(pair["record"], received_at, settings, table("sequence"))


def write(value, indent=""):
    """JSON for a reviewer: a field a line, arrays of scalars on one line, the escapes of the wire."""
    if isinstance(value, dict):
        inner = ",\n".join(f"{indent}  {quoted(k)}: {write(v, indent + '  ')}" for k, v in value.items())
        return "{\n" + inner + "\n" + indent + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(indent + "  " + write(v, indent + "  ") for v in value) + "\n" + indent + "]"
    if isinstance(value, list):
        return "[" + ", ".join(write(v) for v in value) + "]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def serve(vendor):
    """Maps records as they come; an event as the text that goes over the wire."""
    sys.stdin.reconfigure(encoding="utf-8")
    wire = lambda v: "[" + ",".join(map(wire, v)) + "]" if isinstance(v, list) else quoted(v) if isinstance(v, str) else str(v)
    for line in sys.stdin:
        events = events_of(vendor, {"record": json.loads(line)})
        print(json.dumps([
            [one["content_hash"], one["_id"], "{" + ",".join(f"{quoted(k)}:{wire(v)}" for k, v in one["event"].items()) + "}"]
            for one in events]), flush=True)


def main():
    if "--map" in sys.argv:
        return serve(sys.argv[sys.argv.index("--map") + 1])
    changed, hashes = 0, {}
    for path in sorted(HERE.glob("*/**/*.golden.json")):
        old = path.read_bytes().decode("utf-8")
        pair = json.loads(old)
        pair["events"] = events_of(path.relative_to(HERE).parts[0], pair)
        name = path.relative_to(HERE).as_posix().removesuffix(".golden.json")
        hashes[name] = [one.pop("content_hash") for one in pair["events"]]
        for one in pair["events"]:
            for name in pair.get("free", []):
                one["event"].pop(name, None)
        new = write(pair) + "\n"
        if new != old:
            changed += 1
            print(path.relative_to(HERE))
            if "--check" not in sys.argv:
                path.write_bytes(new.encode("utf-8"))
    digests = HERE / "digests.json"
    new = write(hashes) + "\n"
    if not digests.exists() or digests.read_text() != new:
        changed += 1
        print(digests.name)
        if "--check" not in sys.argv:
            digests.write_text(new)
    return 1 if changed and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
