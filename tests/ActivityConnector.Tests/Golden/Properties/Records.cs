using FsCheck;
using FsCheck.Fluent;

namespace ActivityConnector.Tests.Golden.Properties;

/// <summary>Records of both vendors: mostly as documented, something hostile in any position, now and then no record.</summary>
internal static class Records
{
    private static readonly string[] IntercomTypes = [.. Column("intercom", "activity_type"), "article_created", "api_token_removed", "x"];

    private static readonly string[] Verbs =
        [.. Column("sequence", "verb").Where(v => v.All(char.IsLetter)), "ROTATED", "LOGIN_FAILED", "HUM"];

    private static readonly string[] EntityTypes =
        [.. Column("sequence", "entity_type").Where(e => e.All(c => c is '_' || char.IsLetter(c))), "API_KEY", "WIDGET", "TAX_TEAM"];

    public static Gen<Sample> Of(string vendor) => Gen.Frequency(
        (12, vendor == "intercom" ? Intercom : Sequence),
        (1, HostileJson.Value.Select(json => new Sample(json, null))));

    private static Gen<string> Ids { get; } = Gen.Elements("\"6\"", "6", "\"019e6eb6-db30-7cf2-9a53-0f1f3f7b1a11\"", "\"bb0e8400-e29b\"");

    private static Gen<string> Emails { get; } = Gen.Elements("\"jane@example.com\"", "\"Li.WEI@Shop.Example\"", "\"nobody\"");

    private static Gen<string> Ips { get; } = Gen.Elements(
        "\"81.2.69.142\"", "\"127.0.0.1\"", "\"2001:db8::1\"", "\"[2a02::1]:443\"", "\"8.8.8.8:53, 10.0.0.1\"",
        "\"fe80::1%eth0\"", "\"0.0.0.0\"");

    private static Gen<string> Texts { get; } = Gen.Elements("\"Jane did it.\"", "\"Grüße 😌 \\\"quoted\\\"\"", "\"\\u00e9\\n\"");

    private static Gen<string> Metadata { get; } = Object(
        ("message", Gen.Constant("{\"id\":123,\"title\":\"salt&vinegar\"}")),
        ("before", HostileJson.Value),
        ("after", HostileJson.Value),
        ("changes", HostileJson.Object),
        ("admin", Object(("id", Ids), ("email", Emails), ("first_name", Texts), ("name", Texts))),
        ("team", Object(("id", Ids), ("name", Texts))),
        ("update_by", Ids),
        ("url", Gen.Constant("\"https://Hooks.example.net/x\"")),
        ("teammate_email", Emails));

    private static Gen<Sample> Intercom { get; } = Members(
        ("id", Ids),
        ("performed_by", Object(("type", Gen.Constant("\"admin\"")), ("id", Ids), ("email", Emails), ("ip", Ips))),
        ("metadata", Metadata),
        ("created_at", Gen.Elements("1795280000", "1795280000123", "\"2026-11-21T18:00:00.5Z\"")),
        ("activity_type", Gen.Elements(IntercomTypes).Select(t => $"\"{t}\"")),
        ("activity_description", Texts)).Select(record => new Sample(Braces(record), [Braces(record)]));

    private static Gen<string> Item { get; } = Gen.Frequency(
        (8, Object(
            ("id", Ids),
            ("activityLogId", Ids),
            ("verb", Gen.Elements(Verbs).Select(v => $"\"{v}\"")),
            ("name", Texts),
            ("summary", Texts),
            ("reason", Texts),
            ("metadata", Gen.OneOf(Gen.Constant("[]"), Gen.Constant("[{\"key\":\"plan\",\"value\":1.50}]"), HostileJson.Value)),
            ("activityLogActor", Object(("id", Ids), ("entityType", Entities), ("entityId", Ids), ("email", Emails))),
            ("activityLogObject", Object(("id", Ids), ("entityType", Entities), ("entityId", Ids))),
            ("activityLogTarget", Object(("id", Ids), ("entityType", Entities), ("entityId", Ids))))),
        (1, HostileJson.Value));

    private static Gen<string> Entities => Gen.Elements(EntityTypes).Select(e => $"\"{e}\"");

    private static Gen<Sample> Sequence { get; } =
        from before in Members(("id", Ids), ("sequenceAccountId", Ids), ("activityType", Gen.Constant("\"NOTIFICATION\"")))
        from after in Members(
            ("apiVersion", Gen.Constant("\"V1\"")),
            ("origin", Gen.Constant("\"API\"")),
            ("traceId", Gen.Elements("\"f26ad30d3be41b2f64fa7dbfb22ba5fd\"", "\"F26AD30D-3be4-1b2f-64fa-7dbfb22ba5fd\"", "\"0\"")),
            ("createdAt", Gen.Elements("\"2024-01-01T10:00:00Z\"", "\"2026-11-21T18:00:00.601533Z\"")))
        from count in Gen.Choose(0, 4)
        from items in Item.ArrayOf(count)
        let log = Log(before, items, after)
        select new Sample(log, items.Length == 0 ? [log] : [.. items.Select(item => Log(before, [item], after))]);

    private static string Log(string[] before, string[] items, string[] after) =>
        Braces([.. before, $"\"activityLogItems\":[{string.Join(',', items)}]", .. after]);

    /// <summary>The named members: mostly as given, sometimes hostile or left out, sometimes with more at the end.</summary>
    private static Gen<string[]> Members(params (string Name, Gen<string> Value)[] members)
    {
        var all = Gen.CollectToArray(members, member => Gen.Frequency(
            (14, member.Value.Select(v => $"\"{member.Name}\":{v}")),
            (2, HostileJson.Value.Select(v => $"\"{member.Name}\":{v}")),
            (1, Gen.Constant(""))));
        return all.SelectMany(some => Gen.Frequency((5, Gen.Constant(Array.Empty<string>())), (1, HostileJson.Members))
            .Select(more => some.Concat(more).Where(m => m.Length > 0).ToArray()));
    }

    private static Gen<string> Object(params (string Name, Gen<string> Value)[] members) => Members(members).Select(Braces);

    private static string Braces(string[] members) => $"{{{string.Join(',', members)}}}";

    private static IEnumerable<string> Column(string vendor, string name) =>
        CsvRows.Read(Vendors.TableText(vendor)).Select(row => row[name]);
}
