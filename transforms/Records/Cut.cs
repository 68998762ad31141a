using System.Text;

namespace ActivityConnector.Transforms.Records;

/// <summary>Text cut to a number of UTF-16 units, never inside a character.</summary>
internal static class Cut
{
    public static Text To(RecordTree record, Text text, int units)
    {
        if (text.Length <= units) return text;

        var rest = record[text];
        var length = 0;
        while (Rune.DecodeFromUtf8(rest, out var rune, out var bytes) == System.Buffers.OperationStatus.Done && (units -= rune.Utf16SequenceLength) >= 0)
        {
            length += bytes;
            rest = rest[bytes..];
        }

        return new(text.Start, length);
    }
}
