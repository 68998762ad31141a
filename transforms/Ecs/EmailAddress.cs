using System.Buffers;
using System.Text;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>E-mail addresses: exactly one <c>@</c> with text on both sides, trimmed, lower case. (Mapping 2.1.)</summary>
internal static class EmailAddress
{
    private const int MaxBytes = 320;

    private static readonly SearchValues<byte> AroundAddresses =
        SearchValues.Create([.. Enumerable.Range(0, ' ' + 1).Select(b => (byte)b), 0x7F, .. "\"(),:;<>[\\]"u8]);

    /// <summary>The address in <paramref name="text"/> and its domain; nothing if it is none.</summary>
    public static Text Read(RecordTree record, Text text, out Text domain)
    {
        text = LowerCase.Of(record, Trimmed.Of(record, text));
        if (!IsAddress(record[text], out var at))
        {
            domain = default;
            return default;
        }

        domain = new(text.Start + at + 1, text.Length - at - 1);
        return text;
    }

    /// <summary>The address that a free text is: without white space and the signs that stand around addresses, and no longer than one can be.</summary>
    public static Text InFreeText(RecordTree record, Text text)
    {
        text = Trimmed.Of(record, text);
        return text.Length <= MaxBytes && IsAddress(record[text], out _) && !record[text].ContainsAny(AroundAddresses) && HasNoWhiteSpace(record[text])
            ? LowerCase.Of(record, text)
            : default;
    }

    private static bool HasNoWhiteSpace(ReadOnlySpan<byte> text)
    {
        if (Ascii.IsValid(text)) return true;

        foreach (var rune in Encoding.UTF8.GetString(text).EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune)) return false;
        }

        return true;
    }

    private static bool IsAddress(ReadOnlySpan<byte> text, out int at)
    {
        at = text.IndexOf((byte)'@');
        return at > 0 && at < text.Length - 1 && text[(at + 1)..].IndexOf((byte)'@') < 0;
    }
}
