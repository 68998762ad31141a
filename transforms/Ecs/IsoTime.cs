namespace ActivityConnector.Transforms.Ecs;

/// <summary>
/// ISO 8601 and RFC 3339: a date, or a date with a time, an offset or none (then UTC). Digits past 100 ns are cut, and a leap second is the first of
/// the next minute.
/// </summary>
internal static class IsoTime
{
    public static bool TryRead(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (text.Length < 10 || !Number(text, 0, 4, out var year) || text[4] != '-' || !Number(text, 5, 2, out var month) || text[7] != '-'
            || !Number(text, 8, 2, out var day) || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        ticks = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks;
        if (text.Length == 10) return true;

        if (text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || !TryReadClock(text[11..], out var clock, out var rest)
            || !TryReadOffset(rest, out var offset))
        {
            return false;
        }

        ticks += clock - offset;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;
    }

    private static bool TryReadClock(ReadOnlySpan<byte> text, out long ticks, out ReadOnlySpan<byte> rest)
    {
        ticks = 0;
        rest = default;
        if (text.Length < 5 || !Number(text, 0, 2, out var hour) || text[2] != ':' || !Number(text, 3, 2, out var minute) || hour > 23 || minute > 59)
        {
            return false;
        }

        ticks = (hour * TimeSpan.TicksPerHour) + (minute * TimeSpan.TicksPerMinute);
        rest = text[5..];
        if (rest.IsEmpty || rest[0] != ':') return true;

        if (rest.Length < 3 || !Number(rest, 1, 2, out var second) || second > 60) return false;

        ticks += second * TimeSpan.TicksPerSecond;
        rest = rest[3..];
        if (rest.IsEmpty || rest[0] is not ((byte)'.' or (byte)',')) return true;

        var digits = rest[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? rest.Length - 1 : digits;
        var unit = TimeSpan.TicksPerSecond;
        for (var i = 1; i <= digits && unit > 1; i++)
        {
            unit /= 10;
            ticks += (rest[i] - '0') * unit;
        }

        rest = rest[(1 + digits)..];
        return digits > 0;
    }

    private static bool TryReadOffset(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (text.IsEmpty || (text.Length == 1 && text[0] is (byte)'Z' or (byte)'z')) return true;

        var minute = 0;
        if (text[0] is not ((byte)'+' or (byte)'-') || !Number(text, 1, 2, out var hour) || hour > 23
            || !(text.Length == 3
                || (text.Length == 5 && Number(text, 3, 2, out minute))
                || (text.Length == 6 && text[3] == ':' && Number(text, 4, 2, out minute)))
            || minute > 59)
        {
            return false;
        }

        ticks = ((hour * 60) + minute) * TimeSpan.TicksPerMinute * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> text, int at, int digits, out int value)
    {
        value = 0;
        if (text.Length < at + digits) return false;

        foreach (var b in text.Slice(at, digits))
        {
            if (!char.IsAsciiDigit((char)b)) return false;

            value = (value * 10) + b - '0';
        }

        return true;
    }
}
