#!/usr/bin/env python3
"""The mapping written a second time, from docs/mapping.md, so that golden files never come from the code under test.

Plain Python 3, standard library only; every function stands for one rule, in the order a reader checks it, without care for speed.

Each `*.golden.json` below this folder is one pair: `record` is the vendor's JSON text, byte for byte; `events` are the events it must
become, in wire order. `settings` (optional) changes the settings below; `received_at` (optional) the receive time; `free` (optional)
names fields whose content the specification leaves open: they are not compared and not written here.

`digests.json` has the content hash of every event of every pair. A hash that has once been stored must stay: never write it anew for a pair
that stood there already.

    python3 reference.py            writes the events of every pair again from its record
    python3 reference.py --check    only says which pairs would change

To add a pair: write a file with `record` alone and run this.
"""
import csv
import hashlib
import ipaddress
import json
import pathlib
import re
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import urlsplit

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
CHANGED_SETTINGS, RELATED_HOSTS, RELATED_METADATA_USERS = 128, 16, 20

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

    def get(self, name):
        """A member that is there and not null; of a name twice the last counts."""
        found = None
        if self.kind == "object":
            for key, value in self.value:
                if key == name:
                    found = value
        return None if found is None or found.kind == "null" else found

    def is_scalar(self):
        return self.kind in ("string", "number", "true", "false")


def parse(text):
    node, end = _value(text, _space(text, 0))
    if _space(text, end) != len(text):
        raise ValueError("text after the record")
    return node


def _space(text, at):
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


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
        at += 1
        while text[at] != '"':
            at += 2 if text[at] == "\\" else 1
        return Node("string", unicode_only(json.loads(text[start:at + 1])), text, start, at + 1), at + 1
    for word in ("true", "false", "null"):
        if text.startswith(word, at):
            return Node(word, None, text, start, at + len(word)), at + len(word)
    end = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?").match(text, at).end()
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


def id_of(node):
    """Ids: strings and numbers only."""
    return text_of(node) if node is not None and node.kind in ("string", "number") else None


def utf16(s):
    return s.encode("utf-16-be")


def quoted(s):
    """A JSON string with the escapes of RFC 8785."""
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    return '"' + "".join(short.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in s) + '"'


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
        self.fields, self.tags, self.errors = {}, set(), []

    def put(self, name, value):
        """Invariant 4: nothing empty."""
        if value is not None and value != "" and value != []:
            self.fields[name] = value

    def add(self, name, value):
        """Appends to an array of distinct values in first-seen order."""
        if value and value not in self.fields.get(name, []):
            self.fields.setdefault(name, []).append(value)

    def fail(self, problem):
        self.errors.append(problem)


def instant(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)


def ticks_of_time(node):
    """3.1: 100 ns ticks since 1970, cut, not rounded; None if there is no usable time."""
    if node is None:
        return None
    number = None
    if node.kind == "number":
        number = Decimal(node.value)
    elif node.kind == "string" and re.fullmatch(r"[0-9]+", node.value):
        number = Decimal(node.value)
    if number is not None:
        if number <= 0:
            return None
        unit = 1 if number < 10**11 else 10**3 if number < 10**14 else 10**6 if number < 10**17 else 10**9
        ticks = int(number * 10**7 / unit) if number < 10**30 else 10**30
        return ticks if ticks <= 253402300799 * 10**7 else None
    if node.kind != "string":
        return None
    m = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?", node.value)
    if not m:
        return None
    try:
        at = datetime(*(int(m[i]) for i in range(1, 7)), tzinfo=timezone.utc)
    except ValueError:
        return None
    if m[8] and m[8] != "Z":
        offset = timedelta(hours=int(m[8][1:3]), minutes=int(m[8][4:6]))
        at = at - offset if m[8][0] == "+" else at + offset
    seconds = (at - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(seconds=1)
    ticks = seconds * 10**7 + int(((m[7] or "") + "0000000")[:7])
    return ticks if ticks > 0 else None


def iso(ticks):
    """yyyy-MM-ddTHH:mm:ss.fffZ; up to 7 fraction digits where those beyond the third are not zero."""
    at = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=ticks // 10**7)
    fraction = f"{ticks % 10**7:07d}"
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + fraction[:3] + fraction[3:].rstrip("0") + "Z"


def put_time(event, node, received_at):
    received = int((instant(received_at) - datetime(1970, 1, 1, tzinfo=timezone.utc)) / timedelta(milliseconds=1)) * 10**4
    ticks = ticks_of_time(node)
    event.put("event.created", received_at)
    if ticks is None:
        event.put("@timestamp", received_at)
        event.tags.add("_timestamp_fallback")
        event.fail("no usable time")
        return
    event.put("@timestamp", iso(ticks))
    if ticks > received + 24 * 3600 * 10**7 or ticks < 1293840000 * 10**7:  # fetch time + 24 h; 2011-01-01
        event.tags.add("_timestamp_suspect")


def email_of(text):
    """2.1: trimmed, lower case, exactly one @ with text on both sides."""
    trimmed = (text or "").strip()
    left, at, right = trimmed.partition("@")
    return trimmed.lower() if at and left.strip() and right.strip() and "@" not in right else None


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


def table(vendor):
    with open(TABLES / f"{vendor}-ecs.csv", encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def cell(row, name):
    return [v for v in row[name].split("|") if v]


# --- Free-form metadata (1.3) ---------------------------------------------------------------------------------------------------

def segment(path):
    """The joined path as one segment."""
    return re.sub("[^A-Za-z0-9]+", "_", "_".join(path)).strip("_").lower() or "_"


def cut(text):
    """At most 8,192 UTF-16 units, never half a pair."""
    if len(utf16(text)) // 2 <= METADATA_CHARS:
        return text, False
    units = utf16(text)[:METADATA_CHARS * 2]
    if 0xD8 <= units[-2] <= 0xDB:
        units = units[:-2]
    return units.decode("utf-16-be"), True


def leaves(node, path=(), in_array=False):
    """Every scalar leaf in document order: path, node, whether an array is above it."""
    if node.kind == "object":
        for key, value in node.value:
            yield from leaves(value, path + (key,), in_array)
    elif node.kind == "array":
        for value in node.value:
            yield from leaves(value, path, True)
    else:
        yield path, node, in_array


def metadata_fields(event, metadata):
    """intercom.metadata.*: one keyword leaf per joined path. Returns the leaves kept, in document order."""
    values, arrays, kept = {}, set(), []
    for path, node, in_array in leaves(metadata, () if metadata.kind == "object" else ("value",)):
        text = text_of(node)
        if text is None:
            continue
        key = segment(path)
        if len(path) > METADATA_DEPTH or (key not in values and len(values) == METADATA_KEYS):
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


def changed_settings(metadata):
    names = []
    changes, before, after = metadata.get("changes"), metadata.get("before"), metadata.get("after")
    if changes is not None and changes.kind == "object":
        names += [segment((key,)) for key, _ in changes.value]
    if before is not None and after is not None and before.kind == after.kind == "object":
        sides = []
        for side in (before, after):
            found = {}
            for path, node, _ in leaves(side):
                if text_of(node) is not None:
                    found.setdefault(segment(path), []).append(text_of(node))
            sides.append(found)
        names += [k for k in list(sides[0]) + [k for k in sides[1] if k not in sides[0]] if sides[0].get(k) != sides[1].get(k)]
    return list(dict.fromkeys(names))[:CHANGED_SETTINGS]


def host_of(text):
    """The host of an absolute http(s) URL, or a bare domain."""
    text = text.strip()
    if re.match("https?://", text, re.I):
        return urlsplit(text).hostname
    return text.lower() if re.fullmatch(r"([^\W_](([^\W_]|-)*[^\W_])?\.)+[^\W\d_]+", text) else None


# --- Intercom (3) ---------------------------------------------------------------------------------------------------------------

TARGET_TYPES = re.compile(
    r"admin_deletion|admin_deprovisioned|admin_provisioned|admin_invite_.*|admin_permission_change|admin_two_factor_auth_change"
    r"|admin_impersonation_.*|admin_password_reset_.*|seat_change|seat_revoke|app_team_membership_modification"
    r"|admin_.*_assignment_limit_change")


def intercom(text, received_at, settings, rows):
    record = parse(text)
    if record.kind == "null":
        return []
    event, tenant = Event(), settings["organization_id"]
    put_time(event, record.get("created_at"), received_at)
    put_original(event, record.raw, settings)
    event_id = id_of(record.get("id"))
    if event_id is None:
        event_id = "sha256:" + sha256(canonical(record))[:32]
        event.tags.add("_id_synthesized")
    event.put("intercom.api_version", settings.get("api_version"))
    if record.kind != "object":
        event.fail("not an object")

    activity_type = (text_of(record.get("activity_type")) or "").strip()
    event.put("intercom.activity_type", activity_type)
    event.put("event.action", activity_type or "unknown")
    row = rows.get(activity_type)
    if row:
        put_class(event, cell(row, "event.category"), cell(row, "event.type"), row["event.outcome"], int(row["severity"]), settings)
    else:
        event.tags.add("_unknown_activity_type")
        put_class(event, *unknown_type(activity_type), settings)

    actor = record.get("performed_by")
    if record.kind != "object":
        pass
    elif actor is None or actor.kind != "object":
        event.tags.add("_actor_missing")
    else:
        put_user(event, "user", id_of(actor.get("id")), text_of(actor.get("email")), text_of(actor.get("name")))
        event.put("intercom.performed_by.type", text_of(actor.get("type")))
        put_source(event, text_of(actor.get("ip")))

    metadata = record.get("metadata")
    if metadata is not None:
        intercom_metadata(event, metadata, activity_type)

    who = event.fields.get("user.name") or event.fields.get("user.id") or "An unknown actor"
    event.put("message", text_of(record.get("activity_description")) or f"{who} performed {activity_type or 'unknown'}")
    return [finish(event, "intercom", tenant, event_id, settings)]


def intercom_metadata(event, metadata, activity_type):
    kept = metadata_fields(event, metadata)
    event.put("intercom.changed_settings", changed_settings(metadata))

    has_target = bool(TARGET_TYPES.fullmatch(activity_type)) and put_target(event, metadata)
    if has_target:
        put_changes(event, metadata)

    team = metadata.get("team")
    if team is not None and (activity_type.startswith("app_team_") or activity_type == "team_assignment_limit_change"):
        for name, value in (("id", id_of(team.get("id"))), ("name", text_of(team.get("name")))):
            event.put("group." + name, value)
            if has_target:
                event.put("user.target.group." + name, value)

    event.add("related.user", id_of(metadata.get("update_by")))
    event.add("related.user", text_of(metadata.get("update_by_name")))
    emails = list(dict.fromkeys(e for e in (email_of(text) for _, text in kept) if e))
    new = [e for e in emails if e not in event.fields.get("related.user", [])]
    for email in new[:RELATED_METADATA_USERS]:
        event.add("related.user", email)
    for key, text in kept:
        if re.search(r"(^|_)(url|uri|endpoint|webhook|domains?|host)($|_)", key):
            if len(event.fields.get("related.hosts", [])) < RELATED_HOSTS:
                event.add("related.hosts", host_of(text))


def put_target(event, metadata):
    """3.3: the first container wins, attributes are never mixed from two."""
    for name in ("admin", "teammate", "invitee", "invite", "target_admin", "user"):
        found = metadata.get(name)
        if found is None:
            continue
        if found.kind == "object":
            full = text_of(found.get("name")) or " ".join(
                n for n in (text_of(found.get("first_name")), text_of(found.get("last_name"))) if n)
            return put_user(event, "user.target", id_of(found.get("id")), text_of(found.get("email")), full)
        if found.kind == "string" and "@" in found.value:
            return put_user(event, "user.target", None, text_of(found), None)
    first = lambda names, take: next((v for v in (take(metadata.get(n)) for n in names) if v), None)
    return put_user(
        event, "user.target",
        first(("admin_id", "teammate_id", "user_id"), id_of),
        first(("admin_email", "teammate_email", "invitee_email", "invite_email", "email"), text_of),
        first(("admin_name", "teammate_name"), text_of))


def put_changes(event, metadata):
    """user.changes.*: what e-mail and name of the target became."""
    changes, before, after = metadata.get("changes"), metadata.get("before"), metadata.get("after")
    for name in ("email", "name"):
        old = new = None
        pair = changes.get(name) if changes is not None else None
        if pair is not None:
            old, new = text_of(pair.get("before")), text_of(pair.get("after"))
        elif before is not None and after is not None:
            old, new = text_of(before.get(name)), text_of(after.get(name))
            new = new if old else None  # 2.1: only where the pair is there
        if new and new != old:
            if name == "name":
                event.put("user.changes.full_name", new)
            elif email_of(new) and email_of(new) != email_of(old):
                # 2.1: an e-mail is user.email, user.name and user.domain; of these the ones that changed.
                event.put("user.changes.email", email_of(new))
                event.put("user.changes.name", email_of(new))
                if not email_of(old) or email_of(old).split("@")[1] != email_of(new).split("@")[1]:
                    event.put("user.changes.domain", email_of(new).split("@")[1])
                event.add("related.user", email_of(new))


NON_PUBLIC = [ipaddress.ip_network(n) for n in (
    "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 100.64.0.0/10 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24"
    " 198.18.0.0/15 ::1/128 fc00::/7 fe80::/10 2001:db8::/32").split()]


def address(candidate):
    """3.2: address and port of one candidate, or None."""
    text, port = candidate.strip(), None
    m = re.fullmatch(r"\[([^\]]*)\](?::(\d+))?", text)
    if m:
        text, port = m[1], m[2]
    else:
        m = re.fullmatch(r"([0-9.]+):(\d+)", text)
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
    if not ip_text or not ip_text.strip():
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
    has = lambda pattern: re.search(pattern, name, re.I) is not None
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
    elif has(r"(deletion|deleted?|uninstallation|removal|removed|revo[kc]\w*|deprovisioned)$"):
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
    if items is None or items.kind != "array" or not items.value:
        return [envelope(log, received_at, settings, rows)]
    twins, events = {}, []
    for index, item in enumerate(items.value):
        raw = text[log.start:items.start] + "[" + item.raw + "]" + text[items.end:log.end]
        events.append(item_event(log, item, index, len(items.value), raw, received_at, settings, rows, twins))
    return events


def log_fields(log, count, received_at, raw, settings):
    event = Event()
    put_time(event, log.get("createdAt"), received_at)
    put_original(event, raw, settings)
    event.put("sequence.activity_log.id", id_of(log.get("id")))
    event.put("sequence.activity_log.type", text_of(log.get("activityType")))
    event.put("sequence.activity_log.api_version", text_of(log.get("apiVersion")))
    event.put("sequence.activity_log.origin", text_of(log.get("origin")))
    event.fields["sequence.activity_log.item_count"] = count
    trace_id, kept = trace(text_of(log.get("traceId")))
    event.put("trace.id", trace_id)
    event.put("sequence.trace_id", kept)
    return event, id_of(log.get("sequenceAccountId"))


def trace(raw):
    """Mapping 4.4: trace.id and the raw text where the table keeps it."""
    if not raw:
        return None, None
    text = raw.lower()
    uuid = re.fullmatch("([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})", text)
    parent = re.fullmatch("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", text)
    trace_id = "".join(uuid.groups()) if uuid else parent[1] if parent else text
    if not re.fullmatch("[0-9a-f]{32}", trace_id) or trace_id == "0" * 32:
        return None, raw
    return trace_id, raw if uuid else None


def envelope(log, received_at, settings, rows):
    event, tenant = log_fields(log, 0, received_at, log.raw, settings)
    if log.kind != "object":
        del event.fields["sequence.activity_log.item_count"]
        event.fail("not an object")
    else:
        event.tags.add("_no_items")
    event_id = id_of(log.get("id"))
    if event_id is None:
        event_id = "sha256:" + sha256(canonical(log))[:32]
        event.tags.add("_id_synthesized")
    activity_type = text_of(log.get("activityType")) or "unknown"
    event.put("event.action", activity_type.lower())
    row = rows[0]
    put_class(event, cell(row, "event.category"), cell(row, "event.type"), row["event.outcome"], int(row["severity"]), settings)
    event.put("message", f"Sequence activity {activity_type} without items")
    return finish(event, "sequence", tenant, event_id, settings)


def item_event(log, item, index, count, raw, received_at, settings, rows, twins):
    event, tenant = log_fields(log, count, received_at, raw, settings)
    event.fields["sequence.item.index"] = index
    event_id = id_of(item.get("id"))
    event.put("sequence.item.id", event_id)
    if event_id is None:
        text = canonical(item)
        twins[text] = twins.get(text, 0) + 1
        event_id = f"{id_of(log.get('id'))}:sha256:{sha256(text)[:32]}" + (f":{twins[text]}" if twins[text] > 1 else "")
        event.tags.add("_id_synthesized")

    event.put("sequence.item.activity_log_id", id_of(item.get("activityLogId")))
    verb = text_of(item.get("verb"))
    event.put("sequence.item.verb", verb)
    event.put("sequence.item.name", text_of(item.get("name")))
    event.put("event.reason", text_of(item.get("reason")))
    metadata = item.get("metadata")
    if metadata is not None:
        sequence_metadata(event, metadata)

    parts = {}
    for part in ("actor", "object", "target"):
        found = item.get("activityLog" + part.capitalize())
        if found is None or found.kind != "object":
            if part != "target":
                event.fail(f"no {part}")
            if part == "actor":
                event.tags.add("_actor_missing")
            continue
        parts[part] = found
        event.put(f"sequence.{part}.id", id_of(found.get("id")))
        event.put(f"sequence.{part}.entity_type", text_of(found.get("entityType")))
        event.put(f"sequence.{part}.entity_id", id_of(found.get("entityId")))
    actor = parts.get("actor")
    if actor is not None:
        put_user(event, "user", id_of(actor.get("entityId")) or id_of(actor.get("id")), text_of(actor.get("email")), None)
    for part in ("object", "target"):
        found = parts.get(part)
        if found is not None and re.search("USER$", text_of(found.get("entityType")) or "", re.I):
            put_user(event, "user.target", id_of(found.get("entityId")) or id_of(found.get("id")), None, None)
            break

    entity = text_of(parts["object"].get("entityType")) if "object" in parts else None
    event.put("event.action", f"{(entity or 'unknown').lower()}_{(verb or 'unknown').lower()}")
    row = sequence_row(rows, verb or "", entity or "")
    category, types = sequence_class(row, entity or "")
    if row["known"] == "no":
        event.tags.add("_unknown_verb")
    put_class(event, category, types, row["event.outcome"], int(row["severity"]), settings)

    who = event.fields.get("user.name") or event.fields.get("user.id") or "An unknown actor"
    event.put("message", text_of(item.get("summary")) or text_of(item.get("name")) or f"{who} {verb} {entity}")
    return finish(event, "sequence", tenant, event_id, settings)


def sequence_row(rows, verb, entity):
    """First match, exact rows before patterns as the table stands; case-insensitive."""
    def fits(pattern, value):
        if pattern.startswith("~"):
            return re.search(pattern[1:], value) is not None
        return pattern == "*" or pattern == value
    return next(r for r in rows[1:] if fits(r["verb"], verb.upper()) and fits(r["entity_type"], entity.upper()))


def sequence_class(row, entity):
    types = cell(row, "event.type")
    if row["event.category"] != "{class}":
        return cell(row, "event.category"), types
    entity = entity.upper()
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
            members = dict(element.value)
            key, value = members.get("key"), members.get("value")
            if len(element.value) == 2 and key is not None and value is not None and key.is_scalar() \
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
    for at in range(0, max(len(data), 1), 16):
        block = data[at:at + 16].ljust(16, b"\0")
        hash_ = mixed(hash_, int.from_bytes(block[:8], "little"), int.from_bytes(block[8:], "little"))
    return hash_


def with_text(hash_, data, kind):
    return words(hash_ ^ head(len(data), kind), data)


def with_string(hash_, raw, kind):
    """As it is decoded; a string with a lone surrogate as it is written, without its quotes."""
    try:
        return with_text(hash_, json.loads(raw).encode("utf-8"), kind)
    except UnicodeEncodeError:
        return with_text(hash_, raw[1:-1].encode("utf-8"), kind.upper())


def with_number(hash_, raw):
    sign, digits, exponent = Decimal(raw).as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    short = text.rstrip("0")
    if not short:
        return hash_ ^ head(0, "+")
    exponent += len(text) - len(short)
    return words(mixed(hash_ ^ head(len(short), "-" if sign else "+"), exponent & MASK, 0), short.encode())


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


def main():
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
