using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>Makes a W3C trace id of what the vendor calls one. (Mapping 4.4.)</summary>
internal static class TraceId
{
    private const int Digits = 32;

    /// <param name="record">Holds the text.</param>
    /// <param name="raw">The vendor's trace id.</param>
    /// <param name="kept">The raw text, where the trace id does not say all of it.</param>
    public static Text Read(RecordTree record, Text raw, out Text kept)
    {
        kept = default;
        var text = Trimmed.Of(record, raw);
        var s = record[text];
        if (s.Length == Digits && IsTraceId(s)) return LowerCase.Of(record, text);

        if (IsTraceParent(s)) return LowerCase.Of(record, new(text.Start + 3, Digits));

        kept = raw;
        return s.Length == 36 ? OfUuid(record, s) : default;
    }

    private static Text OfUuid(RecordTree record, ReadOnlySpan<byte> s)
    {
        Span<byte> digits = stackalloc byte[Digits];
        var length = 0;
        for (var i = 0; i < s.Length; i++)
        {
            if (i is 8 or 13 or 18 or 23)
            {
                if (s[i] != '-') return default;
            }
            else
            {
                digits[length++] = s[i];
            }
        }

        return IsTraceId(digits) ? LowerCase.Of(record, record.Append(digits)) : default;
    }

    private static bool IsTraceParent(ReadOnlySpan<byte> s)
        => s.Length == 55 && s[2] == '-' && s[35] == '-' && s[52] == '-'
            && IsHex(s[..2]) && !s[..2].SequenceEqual("ff"u8) && IsTraceId(s[3..35]) && IsTraceId(s[36..52]) && IsHex(s[53..]);

    private static bool IsTraceId(ReadOnlySpan<byte> s) => IsHex(s) && s.IndexOfAnyExcept((byte)'0') >= 0;

    private static bool IsHex(ReadOnlySpan<byte> s)
    {
        foreach (var b in s)
        {
            if (!char.IsAsciiHexDigit((char)b)) return false;
        }

        return true;
    }
}
