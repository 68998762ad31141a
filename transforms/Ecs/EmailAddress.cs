using System.Numerics;
using System.Runtime.Intrinsics;

namespace ActivityConnector.Transforms;

/// <summary>E-mail addresses: exactly one <c>@</c> with text on both sides, trimmed, lower case. (Mapping 2.1.)</summary>
internal static class EmailAddress
{
    /// <summary>The address in <paramref name="text"/> and its domain; nothing if it is none.</summary>
    public static Text Read(RecordTree record, Text text, out Text domain)
    {
        if (!IsAsItStands(record, text, out var at))
        {
            text = LowerCase.Of(record, Trimmed.Of(record, text));
            if (!IsAddress(record[text], out at))
            {
                domain = default;
                return default;
            }
        }

        domain = new(text.Start + at + 1, text.Length - at - 1);
        return text;
    }

    /// <summary>Stricter, for free text: no white space or control characters either, and no more than an address can hold.</summary>
    public static bool IsShapeOf(ReadOnlySpan<byte> text) => text.Length <= 320 && IsAddress(text, out _) && text.IndexOfAnyInRange((byte)0, (byte)' ') < 0;

    /// <summary>Whether a text is an address that needs no trimming and no lower case: most are. Texts longer than a vector are never looked at.</summary>
    private static bool IsAsItStands(RecordTree record, Text text, out int at)
    {
        at = 0;
        if (text.Length is 0 or > 32)
        {
            return false;
        }

        var v = record.First32(text);
        var inside = uint.MaxValue >> (32 - text.Length);
        var signs = Vector256.LessThanOrEqual(v - Vector256.Create((byte)'!'), Vector256.Create((byte)('~' - '!')));
        var capitals = Vector256.LessThanOrEqual(v - Vector256.Create((byte)'A'), Vector256.Create((byte)('Z' - 'A')));
        var ats = Vector256.Equals(v, Vector256.Create((byte)'@')).ExtractMostSignificantBits() & inside;
        var ends = 1u | (1u << (text.Length - 1));
        at = BitOperations.TrailingZeroCount(ats);
        return (Vector256.AndNot(signs, capitals).ExtractMostSignificantBits() & inside) == inside && BitOperations.IsPow2(ats) && (ats & ends) == 0;
    }

    private static bool IsAddress(ReadOnlySpan<byte> text, out int at)
    {
        at = text.IndexOf((byte)'@');
        return at > 0 && at < text.Length - 1 && text[(at + 1)..].IndexOf((byte)'@') < 0;
    }
}
