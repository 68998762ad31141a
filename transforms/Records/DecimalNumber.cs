using System.Globalization;

namespace ActivityConnector.Transforms.Records;

/// <summary>A JSON number by its value: neither a decimal nor a double holds every number that JSON can write.</summary>
/// <param name="IsNegative">False for 0.</param>
/// <param name="Digits">From the first to the last that is not 0; none for 0.</param>
/// <param name="Exponent">The power of ten of the last digit.</param>
/// <param name="IsExact">False where the exponent as it is written has no place in <paramref name="Exponent"/>, which is then only huge or tiny.</param>
internal readonly record struct DecimalNumber(bool IsNegative, Text Digits, long Exponent, bool IsExact = true)
{
    private const long MaxExponent = 1_000_000_000_000_000_000;

    public static DecimalNumber Read(RecordTree record, Text raw)
    {
        var text = record[raw];
        var start = text[0] == '-' ? 1 : 0;
        var e = text.IndexOfAny((byte)'e', (byte)'E');
        var end = e < 0 ? text.Length : e;
        var point = text[..end].IndexOf((byte)'.');
        var digits = point < 0 ? new Text(raw.Start + start, end - start) : Joined(record, text[start..point], text[(point + 1)..end]);
        var all = record[digits];
        var first = all.IndexOfAnyExcept((byte)'0');
        if (first < 0) return new(false, default, 0);

        var last = all.LastIndexOfAnyExcept((byte)'0');
        digits = new(digits.Start + first, last + 1 - first);
        var exponent = 0L;
        if (e >= 0 && !(long.TryParse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            && exponent is > -MaxExponent and < MaxExponent))
        {
            return new(start == 1, digits, text[e + 1] == '-' ? -MaxExponent : MaxExponent, IsExact: false);
        }

        return new(start == 1, digits, exponent + all.Length - 1 - last - (point < 0 ? 0 : end - point - 1));
    }

    private static Text Joined(RecordTree record, ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction)
    {
        var room = record.Room(whole.Length + fraction.Length);
        whole.CopyTo(room);
        fraction.CopyTo(room[whole.Length..]);
        return record.Commit(room.Length);
    }
}
