using System.Buffers.Text;
using System.Globalization;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>Source times in, ECS times out. Ticks are 100 ns, UTC. (Mapping 3.1.)</summary>
internal static class EcsTime
{
    public const int MaxBytes = 28;

    /// <summary>2011-01-01: before it there was no Intercom. Earlier times, and times a day ahead of the clock, are suspect.</summary>
    private static readonly long Earliest = new DateTime(2011, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    public static long CutToMilliseconds(long ticks) => ticks - (ticks % TimeSpan.TicksPerMillisecond);

    public static bool IsSuspect(long ticks, long receivedTicks) => ticks < Earliest || ticks - receivedTicks > TimeSpan.TicksPerDay;

    /// <summary>Reads a number, or text of digits, by its size as seconds, milliseconds, microseconds or nanoseconds; other text as ISO 8601.</summary>
    public static bool TryRead(NodeKind kind, ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        switch (kind)
        {
            case NodeKind.Number:
                return TryReadNumber(text, out ticks);
            case NodeKind.String:
                text = Trimmed.Of(text);
                return IsNumber(text) ? TryReadNumber(text, out ticks) : IsoTime.TryRead(text, out ticks);
            default:
                return false;
        }
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

    private static bool TryReadNumber(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (text.Length is > 0 and <= 11 && Utf8Parser.TryParse(text, out long seconds, out var read) && read == text.Length)
        {
            ticks = DateTime.UnixEpoch.Ticks + (seconds * TimeSpan.TicksPerSecond);
            return seconds > 0 && ticks <= DateTime.MaxValue.Ticks;
        }

        // Enough for any time there is; more digits are no time.
        if (text.Length > 64 || !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || value <= 0)
        {
            return false;
        }

        var scale = value switch
        {
            < 1e11m => 1e7m,
            < 1e14m => 1e4m,
            < 1e17m => 10m,
            _ => 0.01m,
        };
        if (value > 1e22m) return false;

        var sinceEpoch = decimal.Truncate(value * scale);
        if (sinceEpoch > DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) return false;

        ticks = DateTime.UnixEpoch.Ticks + (long)sinceEpoch;
        return true;
    }
}
