using ActivityConnector.Simulation;
using ActivityConnector.Simulation.Intercom;
using ActivityConnector.Simulation.Sequence;

namespace ActivityConnector.Benchmarks;

/// <summary>A record as a vendor would send it.</summary>
/// <param name="Vendor">intercom or sequence.</param>
internal sealed record DemonstrationRecord(string Vendor, DateTimeOffset CreatedAt, byte[] Json);

/// <summary>A week of simulated records of both vendors: office hours, a few people at night, a few odd records. The same every time.</summary>
internal static class DemonstrationWeek
{
    public static DateTimeOffset From { get; } = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset To { get; } = From.AddDays(7);

    public static IEnumerable<DemonstrationRecord> Records() =>
    [
        .. Of("intercom", new IntercomRecords(7, TieOrder.Scattered, 0.004), 3_200, seed: 1),
        .. Of("sequence", new SequenceRecords(7, 0.004), 900, seed: 2),
    ];

    private static IEnumerable<DemonstrationRecord> Of(string vendor, IRecordFactory factory, int count, int seed)
    {
        var draw = new Random(seed);
        using var text = new JsonText();
        for (var n = 0; n < count; n++)
        {
            var createdAt = Moment(draw);
            text.Clear();
            factory.Write(text, factory.Place(n, createdAt));
            yield return new(vendor, createdAt, text.Written.ToArray());
        }
    }

    private static DateTimeOffset Moment(Random draw)
    {
        while (true)
        {
            var moment = From.AddSeconds(draw.Next(7 * 24 * 3600));
            var weight = (moment.DayOfWeek, moment.Hour) switch
            {
                (DayOfWeek.Saturday or DayOfWeek.Sunday, _) => 0.08,
                (_, >= 8 and < 12) or (_, >= 13 and < 17) => 1,
                (_, 7 or 12 or 17) => 0.6,
                (_, 6 or (>= 18 and < 22)) => 0.15,
                _ => 0.04,
            };
            if (draw.NextDouble() < weight) return moment;
        }
    }
}
