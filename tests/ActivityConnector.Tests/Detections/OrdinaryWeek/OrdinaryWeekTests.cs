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
    public void The_history_lies_in_the_thirty_days_before_and_repeats_no_id()
    {
        var ids = Month.Value.Concat(Week.Value).Select(Id).ToList();

        AssertOrdered(Month.Value, OrdinaryWeek.Start.AddDays(-30), OrdinaryWeek.Start);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.True(Month.Value.Count(r => r.Vendor == WeekRecord.Intercom) > 500);
        Assert.True(Month.Value.Count(r => r.Vendor == WeekRecord.Sequence) > 100);

        static string Id(WeekRecord record) => JsonDocument.Parse(record.Json).RootElement.GetProperty("id").GetString()!;
    }

    [Fact]
    public void Records_keep_the_vendors_contracts()
    {
        // Each kind of record, and a sample of those of which there are many.
        var sample = Month.Value.Concat(Week.Value).GroupBy(Kind).SelectMany(kind => kind.Take(40)).ToList();
        var broken = sample
            .Select(r => (r.Vendor, Json: JsonDocument.Parse(r.Json).RootElement))
            .SelectMany(r => r.Vendor == WeekRecord.Intercom
                ? VendorContract.Intercom.Violations(r.Json, "activity_log")
                : VendorContract.Sequence.Violations(r.Json, "ActivityLogResponse"))
            .Distinct();

        Assert.Equal([$"$.activity_type is '{UnlistedType}', which is not listed"], broken);

        static string Kind(WeekRecord record)
        {
            var json = JsonDocument.Parse(record.Json).RootElement;
            return record.Vendor == WeekRecord.Intercom
                ? json.GetProperty("activity_type").GetString()!
                : json.GetProperty("activityLogItems")[0].GetProperty("name").GetString()!;
        }
    }

    [Fact]
    public void The_product_knows_every_type_and_doubts_no_address_and_no_time()
    {
        var events = Events(Month.Value.Concat(Week.Value)).ToList();

        Assert.All(events, e => Assert.Equal("event", e.GetProperty("event.kind").GetString()));
        Assert.Equal(["_actor_missing"], events.SelectMany(Tags).Distinct());
    }

    [Fact]
    public void Most_of_the_week_is_work_and_the_rare_deeds_are_few()
    {
        var actions = Events(Week.Value).CountBy(Action).ToDictionary();
        var logins = actions["admin_login_success"];

        Assert.InRange(Share("admin_occupancy_state_change") + Share("admin_away_mode_change"), 0.3, 0.7);
        Assert.InRange(Share("usage_event_created"), 0.15, 0.6);
        Assert.InRange(actions["admin_login_failure"] / (double)logins, 0.02, 0.3);
        Assert.InRange(logins, 200, 1_000);
        Assert.Equal(5, actions["admin_invite_creation"]);
        Assert.Equal(2, actions["admin_deletion"]);
        Assert.Equal(2, actions["admin_deprovisioned"]);
        Assert.Equal(2, actions["admin_permission_change"]);
        Assert.Equal(6, actions["app_data_deletion"]);
        Assert.Equal(10, actions["conversation_pdf_export"]);
        Assert.Equal(1, actions["merchant_updated"]);
        Assert.Equal(2, actions["user_invited"]);

        double Share(string action) => actions[action] / (double)WeekSize.Short.Events;
    }

    [Fact]
    public void Every_deed_has_its_events()
    {
        var events = Events(Week.Value.Concat(Month.Value))
            .Select(e => (Action: Action(e), Who: Text(e, "user.name"), Address: Text(e, "source.ip"), At: e.GetProperty("@timestamp").GetDateTimeOffset()))
            .ToLookup(e => e.Action);
        var missing = OrdinaryWeek.Of(Seed, WeekSize.Short).Deeds
            // These say when an alert would be ordinary, not that there is one.
            .Where(d => d.Address is null && d.Actions is not ["admin_login_success"] and not [.., "credit_grant_created"] and not [.., "invoice_voided"])
            .SelectMany(d => d.Actions.Select(a => (Deed: d, Action: a)))
            .Where(d => !events[d.Action].Any(e =>
                e.Who == d.Deed.Who && e.At >= d.Deed.From.AddMinutes(-1) && e.At <= d.Deed.Until.AddMinutes(1)))
            .Select(d => $"{d.Deed.Why}: {d.Action}")
            .Where(d => !d.Contains("starts work: ", StringComparison.Ordinal) && !d.Contains("helps for some weeks: ", StringComparison.Ordinal));

        Assert.Empty(missing);

        static string? Text(JsonElement e, string field) => e.TryGetProperty(field, out var value) ? value.GetString() : null;
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
        foreach (var (action, count) in Events(week.Records()).CountBy(Action).OrderByDescending(a => a.Value)) output.WriteLine($"{action} {count}");
        foreach (var deed in week.Deeds)
            output.WriteLine($"{deed.From:ddd HH:mm} {deed.Vendor} {deed.Who} [{string.Join(' ', deed.Actions)}] {deed.Why} {deed.Address}");
        output.WriteLine($"History: {string.Join(", ", Events(week.History()).CountBy(Action).OrderByDescending(a => a.Value))}");

        AssertWeek(week.Records(), WeekSize.Full);
        Assert.True(memory < 1L << 30, $"{memory >> 20} MiB were in use.");
    }

    private static void AssertWeek(IEnumerable<WeekRecord> records, WeekSize size)
    {
        var events = 0;
        AssertOrdered(records.Select(Count), OrdinaryWeek.Start, OrdinaryWeek.End);
        Assert.Equal(size.Events, events);
        Assert.True(OrdinaryWeek.End < TimeProvider.System.GetUtcNow());

        WeekRecord Count(WeekRecord record)
        {
            events += record.Vendor == WeekRecord.Intercom ? 1 : JsonDocument.Parse(record.Json).RootElement.GetProperty("activityLogItems").GetArrayLength();
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

    private static IEnumerable<JsonElement> Events(IEnumerable<WeekRecord> records)
    {
        var intercom = new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings);
        var sequence = new SequenceTransform(Mapped.SequenceTable, Mapped.SequenceSettings);
        foreach (var record in records)
        {
            foreach (var one in Mapped.All(record.Vendor == WeekRecord.Intercom ? intercom : sequence, record.Json).Events)
                yield return JsonDocument.Parse(one.Json).RootElement;
        }
    }

    private static string Action(JsonElement e) => e.GetProperty("event.action").GetString()!;

    private static IEnumerable<string> Tags(JsonElement e) =>
        e.TryGetProperty("tags", out var tags) ? tags.EnumerateArray().Select(t => t.GetString()!) : [];
}
