using System.Text;
using System.Text.Json;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Simulation;
using ActivityConnector.Tests.Transforms;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Sequence;
using Xunit.Abstractions;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

public class OrdinaryWeekTests(ITestOutputHelper output)
{
    private const int Seed = 1;

    // Version 2.16, whose contract is kept here, does not list it; others do, and the table of the product has it.
    private const string UnlistedType = "customer_facing_name_change";

    private static readonly Lazy<List<WeekRecord>> Week = new(() => [.. OrdinaryWeek.Of(Seed, WeekSize.Short).Records()]);

    private static readonly Lazy<List<WeekRecord>> Month = new(() => [.. OrdinaryWeek.Of(Seed, WeekSize.Short).History()]);

    // All of what is rare, and a part of the telemetry.
    private static readonly Lazy<List<Seen>> Events = new(() => [.. Map(OfEachKind(2_000))]);

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        var week = OrdinaryWeek.Of(Seed, WeekSize.Short);
        var other = OrdinaryWeek.Of(2, WeekSize.Short);

        Assert.Equal(Texts(Week.Value), Texts(week.Records()));
        Assert.Equal(Texts(Month.Value), Texts(week.History()));
        Assert.Equal(Texts(Week.Value), Texts(week.Records()));
        Assert.Equal(Describe(OrdinaryWeek.Of(Seed, WeekSize.Short)), Describe(week));
        Assert.Empty(Texts(Week.Value).Intersect(Texts(other.Records())));

        static List<string> Texts(IEnumerable<WeekRecord> records) => [.. records.Select(r => Encoding.UTF8.GetString(r.Json))];
        static List<string> Describe(OrdinaryWeek of) => [.. of.Deeds.Select(d => $"{d.From:O} {d.Who} {d.Why}")];
    }

    [Fact]
    public void The_short_week_has_forty_thousand_events_in_order_none_before_it_none_after_it() =>
        AssertWeek(Week.Value, WeekSize.Short);

    [Fact]
    public void The_history_lies_in_the_thirty_days_before_and_no_id_comes_twice()
    {
        var ids = Month.Value.Concat(Week.Value).Select(Id).ToList();

        AssertOrdered(Month.Value, OrdinaryWeek.Start.AddDays(-30), OrdinaryWeek.Start);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.True(Month.Value.Count(r => r.Vendor == WeekRecord.Intercom) > 500);
        Assert.True(Month.Value.Count(r => r.Vendor == WeekRecord.Sequence) > 100);

        static string Id(WeekRecord record) => JsonDocument.Parse(record.Json).RootElement.GetProperty("id").GetString()!;
    }

    [Fact]
    public void A_record_is_one_line() =>
        Assert.DoesNotContain(Month.Value.Concat(Week.Value), r => r.Json.Contains((byte)'\n'));

    [Fact]
    public void Records_keep_the_vendors_contracts()
    {
        var broken = OfEachKind(40)
            .Select(r => (r.Vendor, Json: JsonDocument.Parse(r.Json).RootElement))
            .SelectMany(r => r.Vendor == WeekRecord.Intercom
                ? VendorContract.Intercom.Violations(r.Json, "activity_log")
                : VendorContract.Sequence.Violations(r.Json, "ActivityLogResponse"))
            .Distinct();

        Assert.Equal([$"$.activity_type is '{UnlistedType}', which is not listed"], broken);
    }

    [Fact]
    public void The_product_knows_every_type_and_doubts_no_address_and_no_time()
    {
        Assert.All(Events.Value, e => Assert.Equal("event", e.Kind));
        Assert.Equal("_actor_missing", Assert.Single(Events.Value.SelectMany(e => e.Tags).Distinct()));
    }

    [Fact]
    public void Most_of_the_week_is_work_and_the_rare_deeds_are_few()
    {
        var actions = Week.Value.SelectMany(Actions).CountBy(a => a).ToDictionary();
        var logins = actions["admin_login_success"];

        Assert.InRange(Share("admin_occupancy_state_change") + Share("admin_away_mode_change"), 0.3, 0.7);
        Assert.InRange(Share("usage_event_created"), 0.15, 0.6);
        Assert.InRange(logins, 200, 1_000);
        Assert.InRange(actions["admin_login_failure"] / (double)logins, 0.02, 0.3);
        (string Action, int Count)[] rare =
        [
            ("admin_invite_creation", 5), ("admin_deletion", 2), ("admin_deprovisioned", 2), ("admin_permission_change", 2), ("role_change", 1),
            ("app_data_deletion", 6), ("conversation_pdf_export", 10), ("bulk_export", 2), ("app_data_export", 1), ("app_package_installation", 1),
            ("app_webhook_creation", 1), ("admin_impersonation_start", 1), ("merchant_updated", 1), ("integration_updated", 1), ("user_invited", 2),
        ];
        Assert.Equal(rare, rare.Select(r => (r.Action, actions.GetValueOrDefault(r.Action))));

        double Share(string action) => actions[action] / (double)WeekSize.Short.Events;
    }

    [Fact]
    public void Every_deed_has_its_events()
    {
        var events = Events.Value.ToLookup(e => e.Action);
        var missing = OrdinaryWeek.Of(Seed, WeekSize.Short).Deeds
            // The others say when an alert would be ordinary, not that there is one.
            .Where(d => d is { Address: null, HitsEach: false })
            .Where(d => d.Actions is not ["admin_login_success"] and not [.., "credit_grant_created"] and not [.., "invoice_voided"])
            .SelectMany(d => d.Actions.Select(a => (Deed: d, Action: a)))
            .Where(d => !events[d.Action].Any(e => IsOf(e, d.Deed)))
            .Select(d => $"{d.Deed.Why}: {d.Action}");

        Assert.Empty(missing);

        // A newcomer joins by their own name in the deed of the administrator who invited them.
        static bool IsOf(Seen e, Deed deed) =>
            (e.Who == deed.Who || deed.Actions.Contains("app_admin_join")) && e.At >= deed.From.AddMinutes(-1) && e.At <= deed.Until.AddMinutes(1);
    }

    [Fact]
    public void Every_seed_gives_the_same_kinds_of_deeds()
    {
        var kinds = Enumerable.Range(0, 30).Select(seed => OrdinaryWeek.Of(seed, WeekSize.Short).Deeds.SelectMany(d => d.Actions).ToHashSet()).ToList();

        Assert.All(kinds, k => Assert.Equal(kinds[0].Order(), k.Order()));
    }

    [Fact]
    [Trait("Kind", "long")]
    public void The_full_week_has_a_million_events_in_order()
    {
        if (!Scene.IsLong) return;

        var week = OrdinaryWeek.Of(Seed, WeekSize.Full);
        var started = TimeProvider.System.GetTimestamp();
        var (records, bytes, memory) = (0, 0L, 0L);
        foreach (var record in week.Records())
        {
            bytes += record.Json.Length;
            if (records++ % 20_000 == 0) memory = Math.Max(memory, GC.GetTotalMemory(forceFullCollection: false));
        }

        var took = TimeProvider.System.GetElapsedTime(started);
        output.WriteLine($"{records} records, {bytes >> 20} MiB in {took.TotalSeconds:0.0} s; at most {memory >> 20} MiB of managed memory");
        output.WriteLine($"History: {Counts(week.History())}");
        output.WriteLine($"Week: {Counts(week.Records())}");
        foreach (var deed in week.Deeds)
            output.WriteLine($"{deed.From:ddd HH:mm} {deed.Vendor} {deed.Who} [{string.Join(' ', deed.Actions)}] {deed.Why} {deed.Address}");

        AssertWeek(week.Records(), WeekSize.Full);
        Assert.True(memory < 1L << 30, $"{memory >> 20} MiB were in use.");
        var outage = week.Records().Where(r => r.Time >= Outage.Start && r.Time < Outage.End).SelectMany(Actions).CountBy(a => a).ToDictionary();
        output.WriteLine($"Outage: {outage["admin_login_failure"]} failures, {outage["admin_unauthorized_sign_in_method"]} refused");
        Assert.True(outage["admin_login_failure"] > 30);

        static string Counts(IEnumerable<WeekRecord> of) => string.Join(", ", of.SelectMany(Actions).CountBy(a => a).OrderByDescending(a => a.Value));
    }

    private static void AssertWeek(IEnumerable<WeekRecord> records, WeekSize size)
    {
        var events = 0;
        AssertOrdered(records.Select(Count), OrdinaryWeek.Start, OrdinaryWeek.End);
        Assert.Equal(size.Events, events);
        Assert.True(OrdinaryWeek.End < TimeProvider.System.GetUtcNow());

        WeekRecord Count(WeekRecord record)
        {
            events += Actions(record).Count;
            return record;
        }
    }

    private static void AssertOrdered(IEnumerable<WeekRecord> records, DateTimeOffset from, DateTimeOffset until)
    {
        var last = new Dictionary<string, DateTimeOffset>();
        foreach (var record in records)
        {
            var before = last.GetValueOrDefault(record.Vendor, from);
            Assert.True(record.Time >= before && record.Time < until, $"{record.Time:O} comes after {before:O}.");
            last[record.Vendor] = record.Time;
        }
    }

    private static IEnumerable<WeekRecord> OfEachKind(int most) =>
        Month.Value.Concat(Week.Value).GroupBy(r => string.Join(' ', Actions(r))).SelectMany(kind => kind.Take(most));

    // What happened, by the raw record.
    private static List<string> Actions(WeekRecord record)
    {
        using var document = JsonDocument.Parse(record.Json);
        return record.Vendor == WeekRecord.Intercom
            ? [document.RootElement.GetProperty("activity_type").GetString()!]
            : [.. document.RootElement.GetProperty("activityLogItems").EnumerateArray().Select(Action)];

        static string Action(JsonElement item) =>
            $"{item.GetProperty("activityLogObject").GetProperty("entityType").GetString()}_{item.GetProperty("verb").GetString()}".ToLowerInvariant();
    }

    private static IEnumerable<Seen> Map(IEnumerable<WeekRecord> records)
    {
        var intercom = new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings);
        var sequence = new SequenceTransform(Mapped.SequenceTable, Mapped.SequenceSettings);
        using var batch = new EventBatch();
        foreach (var record in records)
        {
            batch.Clear();
            (record.Vendor == WeekRecord.Intercom ? (IActivityTransform)intercom : sequence).Transform(new(record.Json, Mapped.ReceivedAt), batch);
            foreach (var one in batch.Events) yield return See(one.Json);
        }
    }

    private static Seen See(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var e = document.RootElement;
        List<string> tags = e.TryGetProperty("tags", out var value) ? [.. value.EnumerateArray().Select(t => t.GetString()!)] : [];
        var who = e.TryGetProperty("user.name", out var name) ? name.GetString() : null;
        return new(Text("event.kind"), Text("event.action"), who, e.GetProperty("@timestamp").GetDateTimeOffset(), tags);

        string Text(string field) => e.GetProperty(field).GetString()!;
    }

    /// <summary>What the product makes of a record, as far as these tests look.</summary>
    private sealed record Seen(string Kind, string Action, string? Who, DateTimeOffset At, List<string> Tags);
}
