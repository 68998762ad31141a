using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>E-mail addresses: exactly one <c>@</c> with text on both sides, trimmed, lower case. (Mapping 2.1.)</summary>
internal static class EmailAddress
{
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

    /// <summary>Stricter, for free text: no white space or control characters either, and no more than an address can hold.</summary>
    public static bool IsShapeOf(ReadOnlySpan<byte> text) => text.Length <= 320 && IsAddress(text, out _) && text.IndexOfAnyInRange((byte)0, (byte)' ') < 0;

    private static bool IsAddress(ReadOnlySpan<byte> text, out int at)
    {
        at = text.IndexOf((byte)'@');
        return at > 0 && at < text.Length - 1 && text[(at + 1)..].IndexOf((byte)'@') < 0;
    }
}
