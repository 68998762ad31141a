using System.Buffers;
using System.Text;

namespace ActivityConnector.Transforms.Records;

/// <summary>Text without the white space around it, as <see cref="string.Trim()"/> would have it.</summary>
internal static class Trimmed
{
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> text)
    {
        Bounds(text, out var start, out var length);
        return text.Slice(start, length);
    }

    public static Text Of(RecordTree record, Text text)
    {
        Bounds(record[text], out var start, out var length);
        return new(text.Start + start, length);
    }

    private static void Bounds(ReadOnlySpan<byte> text, out int start, out int length)
    {
        start = 0;
        length = text.Length;
        if (length == 0 || (text[0] is > (byte)' ' and < 0x7F && text[^1] is > (byte)' ' and < 0x7F)) return;

        while (length > 0 && Rune.DecodeFromUtf8(text.Slice(start, length), out var rune, out var bytes) == OperationStatus.Done && Rune.IsWhiteSpace(rune))
        {
            start += bytes;
            length -= bytes;
        }

        while (length > 0 && Rune.DecodeLastFromUtf8(text.Slice(start, length), out var rune, out var bytes) == OperationStatus.Done && Rune.IsWhiteSpace(rune))
        {
            length -= bytes;
        }
    }
}
