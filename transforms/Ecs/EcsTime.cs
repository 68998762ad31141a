using System.Buffers.Text;
using System.Globalization;

namespace ActivityConnector.Transforms;

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
        WriteDate(ticks, to);
        return WriteTimeOfDay(ticks, to);
    }

    /// <summary>Writes the part that is the same all day: the date and the <c>T</c>.</summary>
    public static void WriteDate(long ticks, Span<byte> to)
    {
        var time = new DateTime(ticks, DateTimeKind.Utc);
        time.GetDate(out var year, out var month, out var day);
        TwoDigits(to, 0, year / 100);
        TwoDigits(to, 2, year % 100);
        to[4] = (byte)'-';
        TwoDigits(to, 5, month);
        to[7] = (byte)'-';
        TwoDigits(to, 8, day);
        to[10] = (byte)'T';
    }

    /// <summary>Writes the rest, after the date.</summary>
    /// <param name="ticks">The time.</param>
    /// <param name="to">Where the date stands.</param>
    /// <returns>The bytes of the whole.</returns>
    public static int WriteTimeOfDay(long ticks, Span<byte> to)
    {
        var second = (int)(ticks % TimeSpan.TicksPerDay / TimeSpan.TicksPerSecond);
        TwoDigits(to, 11, second / 3600);
        to[13] = (byte)':';
        TwoDigits(to, 14, second / 60 % 60);
        to[16] = (byte)':';
        TwoDigits(to, 17, second % 60);
        to[19] = (byte)'.';
        var fraction = (int)(ticks % TimeSpan.TicksPerSecond);
        if (fraction == 0)
        {
            "000Z"u8.CopyTo(to[20..]);
            return 24;
        }

        Digits(to, 20, 7, fraction);
        var end = 27;
        while (end > 23 && to[end - 1] == '0')
        {
            end--;
        }

        to[end] = (byte)'Z';
        return end + 1;
    }

    private static void GetDate(this DateTime time, out int year, out int month, out int day)
        => DateOnly.FromDateTime(time).Deconstruct(out year, out month, out day);

    private static void TwoDigits(Span<byte> to, int at, int value)
    {
        var tens = (int)((uint)value / 10);
        to[at + 1] = (byte)('0' + value - (tens * 10));
        to[at] = (byte)('0' + tens);
    }

    private static void Digits(Span<byte> to, int at, int count, int value)
    {
        for (var i = at + count - 1; i >= at; i--)
        {
            var rest = (int)((uint)value / 10);
            to[i] = (byte)('0' + value - (rest * 10));
            value = rest;
        }
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
        if (value > 1e22m)
        {
            return false;
        }

        var sinceEpoch = decimal.Truncate(value * scale);
        if (sinceEpoch > DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks)
        {
            return false;
        }

        ticks = DateTime.UnixEpoch.Ticks + (long)sinceEpoch;
        return true;
    }
}
