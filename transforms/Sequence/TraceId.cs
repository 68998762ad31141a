using System.Buffers.Text;
using System.Text;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>Makes a W3C trace id of what the vendor calls one. (Mapping 4.4.)</summary>
internal static class TraceId
{
    private const int Digits = 32;

    /// <param name="record">Holds the text.</param>
    /// <param name="text">The vendor's trace id, trimmed.</param>
    /// <param name="kept">The text, where the trace id does not contain all of it.</param>
    public static Text Read(RecordTree record, Text text, out Text kept)
    {
        kept = default;
        var s = record[text];
        if (s.Length == Digits && IsTraceId(s)) return LowerCase.Of(record, text);

        if (IsTraceParent(s)) return LowerCase.Of(record, new(text.Start + 3, Digits));

        kept = text;
        return Utf8Parser.TryParse(s, out Guid uuid, out var length, 'D') && length == s.Length && uuid != Guid.Empty
            ? record.Append(uuid.ToString("N"))
            : default;
    }

    private static bool IsTraceParent(ReadOnlySpan<byte> s)
        => (s.Length == 55 || (s.Length > 55 && s[55] == '-' && !s.StartsWith("00"u8))) && s[2] == '-' && s[35] == '-' && s[52] == '-'
            && IsHex(s[..2]) && !Ascii.EqualsIgnoreCase(s[..2], "ff"u8) && IsTraceId(s[3..35]) && IsTraceId(s[36..52]) && IsHex(s[53..55]);

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
