using System.Globalization;
using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms;

/// <summary>
/// The times of vendors' records, in ticks of 100 ns, UTC, cut and not rounded. A number counts by its value, and is by its size seconds,
/// milliseconds, microseconds or nanoseconds since 1970. (Mapping 3.1.) Thread-safe.
/// </summary>
public static class SourceTime
{
    private const long HugeExponent = 1_000_000_000_000;

    /// <summary>Reads a JSON number. False for one that is not above 0, or after the year 9999.</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> number, out long ticks)
    {
        const int MostDigits = 19;
        ticks = 0;
        var e = number.IndexOfAny((byte)'e', (byte)'E');
        var digits = e < 0 ? number : number[..e];
        var point = digits.IndexOf((byte)'.') is var at and >= 0 ? at : digits.Length;
        var first = digits.IndexOfAnyExcept((byte)'0', (byte)'.');
        if (first < 0 || digits[0] == '-') return false;

        // How many digits there are before the point; 0 or less for a number below 1.
        var whole = (first < point ? point - first : point - first + 1) + (e < 0 ? 0 : ExponentOf(number[(e + 1)..]));
        whole += whole <= 11 ? 7 : whole <= 14 ? 4 : whole <= 17 ? 1 : -2;
        if (whole > MostDigits) return false;

        var sinceEpoch = 0UL;
        for (var (i, taken) = (first, 0); taken < whole; i++)
        {
            if (i == point) continue;

            sinceEpoch = (sinceEpoch * 10) + (i < digits.Length ? digits[i] - (ulong)'0' : 0);
            taken++;
        }

        if (sinceEpoch > (ulong)(DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks)) return false;

        ticks = DateTime.UnixEpoch.Ticks + (long)sinceEpoch;
        return true;
    }

    /// <summary>Reads digits, also with a fraction, as a number, and other text as ISO 8601. White space around it does not count.</summary>
    /// <param name="text">UTF-8.</param>
    public static bool TryReadText(ReadOnlySpan<byte> text, out long ticks)
    {
        text = Trimmed.Of(text);
        var point = text.IndexOf((byte)'.');
        var isNumber = point < 0 ? AreDigits(text) : AreDigits(text[..point]) && AreDigits(text[(point + 1)..]);
        return isNumber ? TryReadNumber(text, out ticks) : IsoTime.TryRead(text, out ticks);
    }

    private static bool AreDigits(ReadOnlySpan<byte> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    private static long ExponentOf(ReadOnlySpan<byte> text)
        => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            ? Math.Clamp(exponent, -HugeExponent, HugeExponent)
            : text[0] == '-' ? -HugeExponent : HugeExponent;
}
