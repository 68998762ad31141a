using System.Globalization;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>Source times in, ECS times out. Ticks are 100 ns, UTC. (Mapping 3.1.)</summary>
internal static class EcsTime
{
    public const int MaxBytes = 28;

    /// <summary>No vendor is older. Earlier times, and times a day ahead of the clock, are suspect.</summary>
    private static readonly long Earliest = new DateTime(2011, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    public static long CutToMilliseconds(long ticks) => ticks - (ticks % TimeSpan.TicksPerMillisecond);

    public static bool IsSuspect(long ticks, long receivedTicks) => ticks < Earliest || ticks - receivedTicks > TimeSpan.TicksPerDay;

    public static bool TryRead(RecordTree record, int node, out long ticks)
    {
        var text = record[record.TextOf(node)];
        ticks = 0;
        return record.Nodes[node].Kind switch
        {
            NodeKind.Number => SourceTime.TryReadNumber(text, out ticks),
            NodeKind.String => SourceTime.TryReadText(text, out ticks),
            _ => false,
        };
    }

    /// <summary>Writes <c>yyyy-MM-ddTHH:mm:ss.fffZ</c>, with up to 7 fraction digits where more than three are not zero.</summary>
    public static int Write(long ticks, Span<byte> to)
    {
        const int FewestDigits = 23;
        new DateTime(ticks, DateTimeKind.Utc).TryFormat(to, out var length, "O", CultureInfo.InvariantCulture);
        var end = length - 1;
        while (end > FewestDigits && to[end - 1] == '0') end--;

        to[end] = (byte)'Z';
        return end + 1;
    }
}
