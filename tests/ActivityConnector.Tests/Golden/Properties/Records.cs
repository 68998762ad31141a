using FsCheck;
using FsCheck.Fluent;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>
/// Records of one vendor: mostly as documented, every field now and then missing, null, of another type, empty, blank, huge or nested; all forms of
/// times, addresses, e-mails, hosts and trace ids and what is nearly one; every row of the table and what is nearly one. The same seed gives the same.
/// </summary>
internal sealed class Records(string vendor, int seed)
{
    private static readonly string[] TargetTypes =
    [
        "admin_deletion", "admin_deprovisioned", "admin_provisioned", "admin_permission_change", "admin_two_factor_auth_change", "seat_change", "seat_revoke",
        "app_team_membership_modification", "admin_invite_creation", "admin_invite_", "admin_impersonation_start", "admin_password_reset_request",
        "admin__assignment_limit_change", "admin_ticket_assignment_limit_change", "admin_assignment_limit_change", "team_assignment_limit_change",
    ];

    private static readonly string[] TypeWords =
    [
        "admin", "role", "seat", "app_team", "bulk", "csv", "app_data", "conversation", "export", "login_fail", "unauthorized", "invite", "permission", "token",
        "secret", "credential", "oauth", "two_factor", "log", "impersonation", "deletion", "deleted", "delete", "uninstallation", "removal", "revoked",
        "revoking",
        "creation", "created", "installation", "join", "provisioned", "deprovisioned", "change", "changed", "updated", "modification", "regeneration", "action",
        "completion", "success", "published", "unpublished", "archived", "enabled", "disabled", "preview", "request", "start", "end", "logout", "login_success",
        "team", "mfa", "sso", "redact", "article", "fin",
    ];

    private static readonly string[] Verbs = [.. Column("sequence", "verb"), "ROTATED", "LOGIN_FAILED", "HUM", "UNKNOWN", "SIGNED_IN", "FAILED", "LISTED"];

    private static readonly string[] EntityTypes =
        [.. Column("sequence", "entity_type"), "API_KEY", "WIDGET", "TAX_TEAM", "USER", "PARTNER_USER", "SSO", "POLICY", "UNKNOWN"];

    private static readonly string[] IntercomTypes = [.. Column("intercom", "activity_type")];

    private readonly HostileJson _json = new(new Random(seed));

    public static Gen<Sample> Of(string vendor) => Gen.Choose(0, int.MaxValue - 1).Select(seed => new Records(vendor, seed).Next());

    public Sample Next()
    {
        if (_json.Happens(15)) return new(_json.Value(), null);

        var sample = vendor == "intercom" ? Intercom() : _json.Happens(12) ? OddLog() : Sequence();
        return _json.Happens(20) ? new(Tree.Parse(sample.Json).Write(() => _json.Any("", "", " ", "\n\t", "\r\n"), raw => raw, raw => raw), null) : sample;
    }

    private Sample Intercom()
    {
        var record = HostileJson.Braces(Members(
            ("id", Id),
            ("performed_by", () => Object(("type", () => _json.Any("\"admin\"", _json.Text())), ("id", Id), ("email", Email), ("name", Sentence), ("ip", Ip))),
            ("metadata", Metadata),
            ("created_at", Time),
            ("activity_type", ActivityType),
            ("activity_description", Sentence)));
        return new(record, [record]);
    }

    private Sample Sequence()
    {
        var before = Members(("id", Id), ("sequenceAccountId", Id), ("activityType", () => Word("NOTIFICATION", "IMPORT")));
        var after = Members(("apiVersion", () => Word("V1")), ("origin", () => Word("API", "DASHBOARD")), ("traceId", TraceId), ("createdAt", Time));
        var items = _json.Many(_json.Happens(20) ? 12 : 3, Item);
        if (items.Length > 0 && _json.Happens(6)) items = [.. items, items[0]];

        var log = Log(items);
        return new(log, items.Length == 0 ? [log] : [.. items.Select(item => Log([item]))]);

        string Log(string[] some) => HostileJson.Braces([.. before, $"\"activityLogItems\":[{string.Join(',', some)}]", .. after]);
    }

    /// <summary>A log whose items are missing, of another type, or there twice; or one with another number of equal items.</summary>
    private Sample OddLog()
    {
        var twin = Item();
        return new(HostileJson.Braces(Members(
            ("id", Id),
            ("sequenceAccountId", Id),
            ("createdAt", Time),
            ("activityType", () => Word("NOTIFICATION")),
            ("activityLogItems", () => _json.Between(0, 3) switch
            {
                0 => _json.Value(),
                1 => _json.Any("null", "[]", "{}", "\"\"", "[null]"),
                _ => "[" + string.Join(',', _json.Many(5, () => _json.Happens(3) ? Shuffled(twin) : twin)) + "]",
            }))), null);
    }

    private string Shuffled(string json)
    {
        var tree = Tree.Parse(json);
        tree.ShuffleMembers(new Random(_json.Between(0, 100)));
        return tree.ToString();
    }

    private string Item() => _json.Happens(12) ? _json.Value() : Object(
        ("id", Id),
        ("activityLogId", Id),
        ("verb", () => Word(Verbs)),
        ("name", Sentence),
        ("summary", Sentence),
        ("reason", Sentence),
        ("metadata", SequenceMetadata),
        ("activityLogActor", () => Entity(Email)),
        ("activityLogObject", () => Entity()),
        ("activityLogTarget", () => Entity()));

    private string Entity(Func<string>? email = null)
    {
        (string, Func<string>)[] members = [("id", Id), ("entityType", () => Word(EntityTypes)), ("entityId", Id)];
        return Object(email is null ? members : [.. members, ("email", email)]);
    }

    private string SequenceMetadata() => _json.Between(0, 5) switch
    {
        0 => "[]",
        1 => _json.Value(),
        _ => "[" + string.Join(',', _json.Many(4, () => _json.Between(0, 3) switch
        {
            0 => Email(),
            1 => _json.Value(2),
            2 => Object(("key", () => _json.Any("\"plan\"", _json.Scalar())), ("value", () => _json.Any(Email(), _json.Scalar(), _json.Value(1)))),
            _ => HostileJson.Braces([$"\"key\":{_json.Scalar()}", $"\"value\":{_json.Scalar()}"]),
        })) + "]",
    };

    private string Metadata() => _json.Happens(8) ? _json.Value() : Object(
        ("message", () => _json.Any("{\"id\":123,\"title\":\"salt&vinegar\"}", _json.Value())),
        ("before", () => BeforeOrAfter(1)),
        ("after", () => BeforeOrAfter(2)),
        ("changes", Changes),
        (_json.Any("admin", "teammate", "invitee", "invite", "target_admin", "user"), Container),
        (_json.Any("admin", "teammate", "invitee", "invite", "target_admin", "user"), Container),
        (_json.Any("admin_id", "teammate_id", "user_id"), Id),
        (_json.Any("admin_email", "teammate_email", "invitee_email", "invite_email", "email"), Email),
        (_json.Any("admin_name", "teammate_name"), Sentence),
        ("team", () => Object(("id", Id), ("name", Sentence))),
        ("update_by", () => _json.Any(Id(), Email())),
        ("update_by_name", Sentence),
        (_json.Any("url", "webhook_url", "Domain", "domains", "host", "redirect_uri", "curl", "endpoint"), Hosts),
        (_json.Any("note", "owner"), () => _json.Any(Email(), "[" + Email() + "," + Email() + "]", _json.Value())));

    private string Container() => _json.Between(0, 5) switch
    {
        0 => Email(),
        1 => _json.Value(1),
        2 => _json.Any("{\"id\":\"\"}", "{\"id\":\"\",\"email\":\"\",\"name\":\"\"}", "{\"email\":\" \"}", "{}"),
        _ => Object(("id", Id), ("email", Email), ("name", Sentence), ("first_name", Sentence), ("last_name", Sentence)),
    };

    private string Changes() => _json.Happens(4) ? _json.Value() : Object(
        ("email", () => Pair(Email)), ("name", () => Pair(Sentence)), ("role", () => Pair(_json.Scalar)), ("a-b", _json.Scalar));

    private string Pair(Func<string> value) => _json.Between(0, 3) switch
    {
        0 => $"[{string.Join(',', _json.Many(3, value))}]",
        1 => _json.Value(1),
        _ => HostileJson.Braces(Members(("before", value), ("after", value))),
    };

    /// <summary>Two objects that differ a little: drawn from few names and values.</summary>
    private string BeforeOrAfter(int depth)
    {
        if (_json.Happens(6)) return _json.Value();

        string[] values = ["1", "1.0", "\"1\"", "[1]", "[\"1\"]", "true", "null", "\"\"", "{}", "[]", "[[1],[2]]", "[[1,2]]", "\"a\\u0000\"", "\"a\"", "10e-1"];
        if (_json.Happens(60)) values = [$"\"{new string('v', 8200)}1\"", $"\"{new string('v', 8200)}2\""];

        return HostileJson.Braces(_json.Many(5, () => $"{_json.Any("\"a\"", "\"a-b\"", "\"a_b\"", "\"A\"", "\"email\"", "\"name\"", _json.Name())}:{Inner()}"));

        string Inner() => depth > 0 && _json.Happens(3) ? _json.Any(BeforeOrAfter(depth - 1), $"[{BeforeOrAfter(depth - 1)}]")
            : _json.Happens(8) ? Email()
            : _json.Any(values);
    }

    private string ActivityType() => _json.Between(0, 9) switch
    {
        < 3 => $"\"{_json.Any(IntercomTypes)}\"",
        < 5 => $"\"{_json.Any(TargetTypes)}\"",
        5 => $"\"{_json.Near(_json.Any(IntercomTypes))}\"",
        6 => $"\"{_json.Near(_json.Any(TargetTypes))}\"",
        7 => _json.Text(),
        _ => $"\"{_json.Any("", " ", "x_")}{string.Join('_', _json.Many(4, TypeWord))}\"",
    };

    private string TypeWord() => _json.Happens(8) ? _json.Near(_json.Any(TypeWords)) : _json.Any(TypeWords);

    private string Word(params string[] words) => _json.Between(0, 9) switch
    {
        0 => _json.Text(),
        1 or 2 => $"\"{_json.Near(_json.Any(words))}\"",
        _ => $"\"{_json.Any(words)}\"",
    };

    private string Id() => _json.Between(0, 7) switch
    {
        0 => _json.Number(),
        1 => _json.Text(3),
        2 => _json.Any("\"\"", "\" \"", "\"\\u0000\"", "true", "[]"),
        3 => "\"019e6eb6-db30-7cf2-9a53-0f1f3f7b1a11\"",
        _ => $"\"{_json.Between(1, 9)}\"",
    };

    private string Sentence() => _json.Between(0, 4) switch
    {
        0 => _json.Text(8),
        1 => _json.Any("\"\"", "\"  \"", "7", "false", "null"),
        _ => _json.Any("\"Jane did it.\"", "\"Grüße 😌 \\\"quoted\\\"\"", "\"Jane Doe\""),
    };

    private string Email() => _json.Between(0, 7) switch
    {
        0 => _json.Text(),
        1 => $"\"{_json.Near("jane@example.com")}\"",
        2 => _json.Any(
            "\"\"", "\"  \"", "\"@\"", "\"a@\"", "\"@b\"", "\"a@b@c\"", "\"mailto:a@b.c\"", "\"Jane <a@b.c>\"", "\"https://u:p@h.example/\"", "7", "true"),
        3 => $"\"{_json.Inside(2)}@{_json.Inside(2)}\"",
        4 => $"\"{new string('l', _json.Between(300, 315))}@example.com\"",
        _ => _json.Any(
            "\"jane@example.com\"", "\"Li.WEI@Shop.Example\"", "\" JANE@example.com \"", "\"o'neil+x@xn--e1afmkfd.example\"", "\"grüße@exämple.de\""),
    };

    private string Ip() => _json.Between(0, 5) switch
    {
        0 => $"\"{string.Join(_json.Any(",", ", ", " ,"), _json.Many(4, Address))}\"",
        1 => _json.Scalar(),
        2 => $"\"{_json.Near(Address())}\"",
        _ => $"\"{Address()}\"",
    };

    private string Address()
    {
        var v4 = $"{_json.Between(0, 260)}.{_json.Between(0, 255)}.{_json.Any("0", "1", "01", "255")}.{_json.Between(0, 255)}";
        var v6 = _json.Any(
            "::1", "::", "fe80::1", "2001:db8::1", "2a00:1450:4001:0:0:0:0:200e", "2A00:1450::1:0:0:1", "::ffff:8.8.4.4", "::8.8.4.4", "64:ff9b::1.2.3.4",
            "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:0:0:2:0:0:0:3", "0:0:1::", "fc00::", "::ffff:0.0.0.0", "::ffff:010.1.1.1", "12345::", "1::2::3",
            ":1", "1:2");
        var zone = _json.Any("", "", "", "%eth0", "%", "%1%2");
        var port = _json.Any("", "", ":443", ":0", ":65535", ":65536", ":", ":08", ":000080", ":x");
        return _json.Between(0, 5) switch
        {
            0 => _json.Any(
                "10.1.2.3", "127.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "192.0.2.1", "198.18.0.1", "0.0.0.0", "8.8.8.8") + port,
            1 => v4 + port,
            2 => v6 + zone,
            3 => $"[{v6}{zone}]{port}",
            4 => $"[{v4}{zone}]{port}",
            _ => _json.Any("", "garbage", "0x7f.1", "1.2.3", "1", "1.2.3.4.5", "٣.٣.٣.٣", "[::1", "::1]", "localhost"),
        };
    }

    private string Hosts() => _json.Between(0, 30) switch
    {
        0 => $"[{string.Join(',', Enumerable.Range(0, 18).Select(i => $"\"h{i}.example\""))}]",
        < 8 => $"[{string.Join(',', _json.Many(3, Host))}]",
        _ => Host(),
    };

    private string Host()
    {
        var name = _json.Any(
            "hooks.example.net", "Hooks.Example.NET", "h.example.", "a..b", ".a", "localhost", "my_host.example", "-a.example", "a-.example", "münchen.de",
            "例え.テスト", "हिन्दी.example", "a.1", "1.2.3.4", "0x7f.1", "2130706433", "010.1.1.1", "1.2.3.256", "a%2eb.example", "%65xample.com", "a%00b.example",
            "a%ffb.example", "h.example..", "h.example.%2E", "evil。com", "ｅvil．com", "evil｡com", "e\u00ADvil\u200B.com", "１２７.1",
            "a b.example", "x.y", $"{new string('l', _json.Between(62, 64))}.example", string.Join('.', Enumerable.Repeat("abcdefghi", _json.Between(24, 26))),
            "[::1]", "[::ffff:8.8.8.8]", "[2a00:1450::1:0:0:1]", "[fe80::1%eth0]", "[1.2.3.4]", "[::1", _json.Near("h.example"), _json.Inside());
        var port = _json.Any("", "", "", ":8443", ":", ":65536", ":x", ":1:2", ":000443");
        return _json.Between(0, 6) switch
        {
            0 => $"\"{name}\"",
            1 => _json.Scalar(),
            2 => $"\"{name}{port}/p\"",
            _ => $"\"{Scheme()}{_json.Any("", "", "u@", "u:p@", "a@b@", "u%40x@")}{name}{port}{_json.Any("", "/", "/p?q#f", "?q@x", "#f", "\\\\p", "/a@b")}\"",
        };
    }

    private string Scheme() => _json.Any(
        "https://", "http://", "HTTPS://", " https://", "https:/", "https:///", "https:\\\\\\\\", "ftp://", "ht\\ttp://", "http:", "https");

    private string Time() => _json.Between(0, 9) switch
    {
        0 => _json.Scalar(),
        1 => _json.Number(),
        2 => $"\"{_json.Number()}\"",
        3 => $"\"{_json.Digits(_json.Between(1, 70))}{_json.Any("", ".5", "." + _json.Digits(9))}\"",
        4 => _json.Any("1795280000", "1795280000123", "\"1547669358.5\"", "1547669358"),
        5 => _json.Any(
            "1293840000", "1293839999.9999999", "\"2011-01-01T00:00:00Z\"", "1795376400", "1795376400.0000001", "1795376401", "\"2026-11-22T19:40:00Z\""),
        6 => $"\"{_json.Near("2026-11-21T18:00:00.5Z")}\"",
        _ => $"\"{_json.Any("2026-11-21", "2024-02-29", "2023-02-29", "0001-01-01", "9999-12-31", "0000-01-01", "1969-12-31", "2026-13-01", "2010-12-31")}"
            + _json.Any("", "T", "t", " ")
            + _json.Any("", "00:00", "18:30:59", "23:59:60", "24:00:00", "12:00:00.1234567", "12:00:00,123456789", "12:00:00.", "1:00")
            + _json.Any("", "Z", "z", "+02:00", "-0230", "+23", "+24:00", "-00:60", "+14:00", "-14:00", " Z") + "\"",
    };

    private string TraceId() => _json.Between(0, 5) switch
    {
        0 => _json.Scalar(),
        1 => $"\"{_json.Near("f26ad30d3be41b2f64fa7dbfb22ba5fd")}\"",
        2 => $"\"{_json.Near("F26AD30D-3be4-1b2f-64fa-7dbfb22ba5fd")}\"",
        3 => $"\"{_json.Near(_json.Any("00", "ff", "7f") + "-f26ad30d3be41b2f64fa7dbfb22ba5fd-00f067aa0ba902b7-01")}\"",
        4 => _json.Any(
            "\"00000000000000000000000000000000\"", "\"00000000-0000-0000-0000-000000000000\"", "\"00-f26ad30d3be41b2f64fa7dbfb22ba5fd-0000000000000000-01\"",
            "\"{F26AD30D-3be4-1b2f-64fa-7dbfb22ba5fd}\""),
        _ => _json.Any("\"f26ad30d3be41b2f64fa7dbfb22ba5fd\"", "\"F26AD30D-3be4-1b2f-64fa-7dbfb22ba5fd\""),
    };

    private string Object(params (string Name, Func<string> Value)[] members) => HostileJson.Braces(Members(members));

    /// <summary>The named members: mostly as given, sometimes hostile, left out or twice, in any order, sometimes with more beside them.</summary>
    private string[] Members(params (string Name, Func<string> Value)[] members)
    {
        var made = new List<string>();
        foreach (var (name, value) in members)
        {
            if (_json.Happens(12)) continue;

            made.Add($"\"{name}\":{(_json.Happens(12) ? _json.Value() : value())}");
            if (_json.Happens(40)) made.Add($"\"{(_json.Happens(2) ? name : _json.Near(name))}\":{value()}");
        }

        if (_json.Happens(5)) made.AddRange(_json.Members());

        if (_json.Happens(3))
        {
            for (var i = made.Count - 1; i > 0; i--)
            {
                var other = _json.Between(0, i);
                (made[i], made[other]) = (made[other], made[i]);
            }
        }

        return [.. made];
    }

    /// <summary>The words of a column, of patterns each alternative.</summary>
    private static IEnumerable<string> Column(string vendor, string name) =>
        CsvRows.Read(Vendors.TableText(vendor)).SelectMany(row => row[name].Split([.. "~^$()|*."], StringSplitOptions.RemoveEmptyEntries)).Distinct();
}
