using System.Text;
using System.Text.Json;

namespace ActivityConnector.Tests.Simulation;

public class SimulatedRecordTests
{
    [Fact]
    public async Task The_same_seed_and_clock_give_the_same_bytes_and_another_seed_others()
    {
        var options = SimulatorSession.Small(500) with { HostileShare = 0.2, DuplicateShare = 0.1, Late = new(0.1, TimeSpan.FromDays(1)) };
        await using var first = await SimulatorSession.StartAsync(options);
        await using var again = await SimulatorSession.StartAsync(options);
        await using var other = await SimulatorSession.StartAsync(options with { Seed = 2 });

        Assert.Equal(Texts(first), Texts(again));
        Assert.Empty(first.Simulator.Intercom.VisibleIds().Where(id => id.Length == 36).Intersect(other.Simulator.Intercom.VisibleIds()));
        Assert.NotEqual(Texts(first), Texts(other));

        static List<string> Texts(SimulatorSession session) =>
            [.. session.Simulator.Intercom.VisibleRecords().Concat(session.Simulator.Sequence.VisibleRecords()).Select(Encoding.UTF8.GetString)];
    }

    [Fact]
    public async Task Hostile_records_are_json_and_break_the_contracts_in_many_ways()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(2_000) with { HostileShare = 0.5 });

        var intercom = await session.WalkIntercomAsync("created_at_after=0&per_page=250");
        var sequence = await session.WalkSequenceAsync("sortOrder=ASC&limit=100");

        Check(intercom, "activity_logs", VendorContract.Intercom, "activity_log");
        Check(sequence, "items", VendorContract.Sequence, "ActivityLogResponse");

        static void Check(List<JsonElement> pages, string list, VendorContract contract, string schema)
        {
            var records = pages.SelectMany(p => p.GetProperty(list).EnumerateArray()).ToList();
            var bad = records.Where(r => contract.Violations(r, schema).Count > 0 || r.ValueKind == JsonValueKind.Null).ToList();
            var ids = records
                .Where(r => r.ValueKind == JsonValueKind.Object && r.TryGetProperty("id", out _))
                .Select(r => r.GetProperty("id").ToString())
                .ToList();
            Assert.Equal(2_000, records.Count);
            Assert.InRange(bad.Count, 400, 1_100);
            Assert.True(bad.Select(r => r.ValueKind).Distinct().Count() >= 5);
            Assert.True(ids.Distinct().Count() < ids.Count);
        }
    }

    [Fact]
    public async Task Late_records_come_in_their_place_when_their_time_has_come()
    {
        await using var session = await SimulatorSession.StartAsync(
            SimulatorSession.Small(0) with { RatePerSecond = 10, Late = new(0.3, TimeSpan.FromMinutes(2)) });
        var (intercom, sequence) = (session.Simulator.Intercom, session.Simulator.Sequence);

        session.Clock.Advance(TimeSpan.FromMinutes(1));
        var early = intercom.VisibleIds();
        var cursor = (await session.SequenceJsonAsync("/activity-logs?sortOrder=ASC&limit=100")).GetProperty("pagination").GetProperty("after").GetString();
        Assert.Equal((600, 600), (intercom.VisibleCount + intercom.HiddenCount, sequence.VisibleCount + sequence.HiddenCount));
        Assert.InRange(intercom.HiddenCount, 60, 180);

        intercom.RevealLate();
        session.Clock.Advance(TimeSpan.FromMinutes(2));
        var walked = SimulatorSession.Ids(await session.WalkSequenceAsync("sortOrder=ASC&limit=100", from: cursor), "items");
        var all = SimulatorSession.Ids(await session.WalkSequenceAsync("sortOrder=ASC&limit=100"), "items");

        Assert.Superset(early.ToHashSet(), intercom.VisibleIds().ToHashSet());
        Assert.Equal(all.Order(StringComparer.Ordinal), all);
        Assert.True(walked.Count < all.Count - 100, "Some late logs must sort before the cursor.");
    }

    [Fact]
    public async Task Duplicates_are_listed_twice_and_count_once()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(500) with { DuplicateShare = 0.2 });

        var intercom = SimulatorSession.Ids(await session.WalkIntercomAsync("created_at_after=0&per_page=30"), "activity_logs");
        var sequence = SimulatorSession.Ids(await session.WalkSequenceAsync("sortOrder=ASC&limit=30"), "items");

        Assert.Equal((500, 500), (session.Simulator.Intercom.VisibleIds().Count, session.Simulator.Sequence.VisibleLogIds().Count));
        Assert.InRange(intercom.Count, 550, 650);
        Assert.InRange(sequence.Count, 550, 650);
        Assert.Equal((500, 500), (intercom.Distinct().Count(), sequence.Distinct().Count()));
    }

    [Fact]
    public async Task A_test_puts_records_in_and_changes_them()
    {
        await using var session = await SimulatorSession.StartAsync(SimulatorSession.Small(50));
        var (intercom, sequence, now) = (session.Simulator.Intercom, session.Simulator.Sequence, session.Clock.GetUtcNow());

        intercom.Append("""{"id":"mine"}""", now);
        intercom.Append("""{"id":"later"}""", now, TimeSpan.FromMinutes(1));
        intercom.Append("""{"id":"held"}""", now, TimeSpan.MaxValue);
        sequence.Append("""{"id":"log","activityLogItems":[{"id":"one"}]}""", now.AddDays(-90));
        Assert.True(sequence.AppendItem("log", """{"id":"two"}"""));
        Assert.False(sequence.AppendItem("no such log", "{}"));
        Assert.True(intercom.Replace("mine", """{"id":"mine","changed":true}"""));

        var page = (await session.IntercomJsonAsync($"/admins/activity_logs?created_at_after={session.Now}")).GetProperty("activity_logs");
        var oldest = (await session.SequenceJsonAsync("/activity-logs?sortOrder=ASC&limit=1")).GetProperty("items")[0];
        Assert.Equal("""[{"id":"mine","changed":true}]""", page.GetRawText());
        Assert.Equal("""{"id":"log","activityLogItems":[{"id":"one"},{"id":"two"}]}""", oldest.GetRawText());

        session.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["mine", "later"], intercom.VisibleIds().Where(id => id.Length < 10));
        intercom.RevealLate();
        Assert.Contains("held", intercom.VisibleIds());
    }

    [Fact]
    public async Task Requests_are_remembered_without_secrets()
    {
        await using var session = await SimulatorSession.StartAsync();

        (await session.IntercomAsync(
            "/admins/activity_logs?created_at_after=7", r => r.Headers.TryAddWithoutValidation("traceparent", "00-aa-bb-01"))).Dispose();
        (await session.SequenceAsync("/activity-logs", r => r.Headers.Authorization = null)).Dispose();
        var seen = Assert.Single(session.Simulator.Intercom.Requests);

        Assert.Equal(
            (session.Clock.GetUtcNow(), "GET", "/intercom/admins/activity_logs", "?created_at_after=7", true, "00-aa-bb-01", "2.16"),
            (seen.At, seen.Method, seen.Path, seen.Query, seen.HasAuthorization, seen.TraceParent, seen.ApiVersion));
        Assert.False(Assert.Single(session.Simulator.Sequence.Requests).HasAuthorization);
        Assert.DoesNotContain("simulated-token", seen.ToString(), StringComparison.Ordinal);
    }
}
