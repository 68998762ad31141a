using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Tests.Shared;
using Xunit.Abstractions;

namespace ActivityConnector.Tests.Sources.Intercom;

/// <summary>
/// A vendor that is drawn from a seed, with everything that the laws of reading allow it, and a reader that crashes now and then. What it
/// shows long enough is given out; the source never says that it is up to date when it is not; and once the faults end, everything is there.
/// </summary>
public class IntercomGeneratedVendorTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Lookback = TimeSpan.FromMinutes(15);

    private readonly ManualTimeProvider _clock = new(Start);
    private readonly HashSet<string> _given = [];
    private Checkpoint? _committed;
    private bool _isUpToDate;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_the_vendor_is_like_everything_it_shows_is_given_out(int seed)
    {
        var random = new Random(seed);
        var vendor = NewVendor(random);
        var options = new IntercomOptions
        {
            AccessToken = "t",
            PageSize = random.Next(3) == 0 ? random.Next(2, 60) : 250,
            MaxWindow = random.Next(3) == 0 ? TimeSpan.FromHours(random.Next(1, 48)) : TimeSpan.FromDays(5),
            StartAt = random.Next(2) == 0 ? null : "2026-11-01",
        };
        output.WriteLine(
            $"{vendor.Records.Count} records from {vendor.Records[0].At:u}, {options.PageSize} a page, windows of {options.MaxWindow}, from {options.StartAt}; "
            + $"inclusive {vendor.Inclusive}, {vendor.LastPage}, total + {vendor.MorePages}, ascending {vendor.IsAscending}, cursors {vendor.HasCursors}, "
            + $"at most {vendor.MostPerPage}, faults {vendor.FaultRate:P1}, fails {vendor.FailsOn(0, long.MaxValue / 2)}, "
            + $"empty {vendor.Body.Method.Name}, removes {vendor.BeforeAnswer.Method.Name}");
        var source = new IntercomSource(options, vendor, _clock, random, new LogLines());
        for (var poll = 0; poll < 40; poll++)
        {
            if (Read(source, vendor, crashes: random)) source = new IntercomSource(options, vendor, _clock, random, new LogLines());

            _clock.Advance(TimeSpan.FromSeconds(random.Next(10) == 0 ? random.Next(20_000) : 30));
        }

        (vendor.FaultRate, vendor.FailsOn, vendor.BeforeAnswer, vendor.Body) = (0, (_, _) => false, _ => { }, _ => null);
        for (var i = 0; i < 60 && !_isUpToDate; i++)
        {
            Read(source, vendor, crashes: null);
            _clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.True(_isUpToDate, "once the faults have ended, everything is shown complete within two days");
        Assert.Empty(_committed!.Window!.Suspects);
        var start = DateTimeOffset.FromUnixTimeSeconds(_committed.Window.BackfillFrom);
        Assert.Empty(vendor.Records.Where(r => !r.IsHidden && r.At >= start && r.At < Start.AddHours(-1)).Select(r => r.Id).Except(_given));
    }

    /// <returns>Whether the reader crashed, between two commits.</returns>
    private bool Read(IntercomSource source, IntercomStore vendor, Random? crashes) => _clock.Run(async () =>
    {
        _isUpToDate = false;
        var present = _clock.GetUtcNow();
        try
        {
            await foreach (var batch in source.ReadAsync(_committed, default))
            {
                var unit = ReadBatch.Of(batch, _clock.GetUtcNow());
                if (crashes?.Next(100) < 4) return true;

                Assert.True(unit.Window.Watermark >= (_committed?.Window?.Watermark ?? 0), "the watermark never goes back");
                Assert.True(unit.Window.Watermark <= (_clock.GetUtcNow() - Settle).ToUnixTimeSeconds(), "the watermark is behind the settle time");
                _given.UnionWith(unit.Ids);
                if (unit.NeedsCommit || unit.Records.Count > 0) _committed = Checkpoints.Of(unit.Position);
            }
        }
        catch (SourceException e) when (e is SourceUnavailableException or SourceIncompleteException)
        {
            return false;
        }

        _isUpToDate = true;
        var start = DateTimeOffset.FromUnixTimeSeconds(_committed!.Window!.BackfillFrom);
        var missing = vendor.Records
            .Where(r => !r.IsHidden && r.At >= start && r.Visible <= present && r.At <= present - Settle)
            .Select(r => r.Id)
            .Except(_given);
        Assert.Empty(missing);
        return false;
    });

    private IntercomStore NewVendor(Random random)
    {
        var vendor = new IntercomStore(_clock, random)
        {
            Inclusive = random.Next(2) == 0,
            LastPage = (LastPage)random.Next(4),
            MorePages = random.Next(4) switch { 0 => null, 1 => random.Next(1, 2_000), _ => 0 },
            IsAscending = random.Next(8) == 0,
            HasCursors = random.Next(5) == 0,
            MostPerPage = random.Next(4) == 0 ? random.Next(3, 100) : 250,
            FaultRate = random.Next(2) == 0 ? random.NextDouble() * 0.03 : 0,
            MostRequests = 60_000,
        };
        AddRecords(vendor, random);
        if (random.Next(3) == 0)
        {
            // A record is removed now and then, mostly one of the newest.
            vendor.BeforeAnswer = _ =>
            {
                if (random.Next(20) != 0 || vendor.Records.Count < 10) return;

                vendor.Records.RemoveAt(vendor.Records.Count - 1 - random.Next(Math.Min(vendor.Records.Count, 500)));
            };
        }

        if (random.Next(3) == 0)
        {
            var bad = Enumerable.Range(0, random.Next(1, 4)).Select(_ => vendor.Records[random.Next(vendor.Records.Count)].Second).ToList();
            var widest = random.Next(2) == 0 ? long.MaxValue : random.Next(90_000, 500_000);
            vendor.FailsOn = (from, to) => (to - from > widest && vendor.Records.Exists(r => from <= r.Second && r.Second <= to))
                || bad.Any(b => from <= b && b <= to);
        }

        if (random.Next(4) == 0 && vendor.MostPerPage == 250)
        {
            // A page without its records, and with a link to the next.
            vendor.Body = r => random.Next(60) == 0
                ? VendorJson.Logs($"\"x?page={(r["page"] is { Length: > 0 } page ? int.Parse(page, null) : 1) + 1}\"", 0)
                : null;
            vendor.HasCursors = false;
        }

        return vendor;
    }

    private static void AddRecords(IntercomStore vendor, Random random)
    {
        var days = random.Next(3) switch { 0 => random.Next(1, 4_000), 1 => 10, _ => 1 };
        var (first, last) = (Start.AddDays(-days), Start.AddHours(6));
        for (var count = random.Next(50, 2_500); vendor.Records.Count < count;)
        {
            var at = first + ((last - first) * random.NextDouble());
            var burst = random.Next(40) == 0 ? random.Next(1, 700) : 1;
            var inOneSecond = random.Next(2) == 0;
            for (var i = 0; i < burst; i++)
            {
                var time = at.AddSeconds(inOneSecond ? 0 : i);
                var late = random.Next(20) == 0 ? Lookback * random.NextDouble() : Settle * (random.NextDouble() / 2);
                vendor.Records.Add(new StoredLog($"{vendor.Records.Count:00000}", time, time + late)
                {
                    CreatedAt = random.Next(60) switch
                    {
                        0 => "null",
                        1 => "978307200",
                        2 => $"{time.ToUnixTimeMilliseconds()}",
                        3 => "\"2026-01-01T\\ud800\"",
                        _ => null,
                    },
                    IsHidden = random.Next(200) == 0,
                });
            }
        }

        vendor.Records.Sort((a, b) => a.At.CompareTo(b.At));
    }
}
