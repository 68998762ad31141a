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

    /// <summary>Reads a number, or text of digits, by its size as seconds, milliseconds, microseconds or nanoseconds; other text as ISO 8601.</summary>
    public static bool TryRead(RecordTree record, int node, out long ticks)
    {
        var text = record.TrimmedTextOf(node);
        ticks = 0;
        return record.Nodes[node].Kind switch
        {
            NodeKind.Number => TryReadNumber(record, text, out ticks),
            NodeKind.String => IsNumber(record[text]) ? TryReadNumber(record, text, out ticks) : IsoTime.TryRead(record[text], out ticks),
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

    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        var point = text.IndexOf((byte)'.');
        return point < 0 ? AreDigits(text) : AreDigits(text[..point]) && AreDigits(text[(point + 1)..]);
    }

    private static bool AreDigits(ReadOnlySpan<byte> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    private static bool TryReadNumber(RecordTree record, Text text, out long ticks)
    {
        const long EndOfTime = 19;
        ticks = 0;
        var number = DecimalNumber.Read(record, text);
        if (number.IsNegative || number.Digits.IsEmpty) return false;

        // From the digits of the unit to those of ticks: seconds, milliseconds, microseconds, nanoseconds.
        var whole = number.WholeDigits;
        whole += whole <= 11 ? 7 : whole <= 14 ? 4 : whole <= 17 ? 1 : -2;
        if (whole > EndOfTime) return false;

        var sinceEpoch = 0UL;
        for (var i = 0; i < whole; i++) sinceEpoch = (sinceEpoch * 10) + (i < number.Digits.Length ? record[number.Digits][i] - (ulong)'0' : 0);

        if (sinceEpoch > (ulong)(DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks)) return false;

        ticks = DateTime.UnixEpoch.Ticks + (long)sinceEpoch;
        return true;
    }
}
