using System.Buffers;
using System.Text;

namespace ActivityConnector.Transforms.Records;

/// <summary>Text in lower case, character by character: Unicode's simple mapping.</summary>
internal static class LowerCase
{
    private static readonly SearchValues<byte> Lower = SearchValues.Create([.. Enumerable.Range(0, 128).Where(b => b is < 'A' or > 'Z').Select(b => (byte)b)]);

    public static Text Of(RecordTree record, Text text)
        => record[text].ContainsAnyExcept(Lower) ? record.Append(Of(record.StringOf(text))) : text;

    /// <summary>The platform leaves U+0130 (İ) as it is.</summary>
    public static string Of(string text) => text.Replace('\u0130', 'i').ToLowerInvariant();

    /// <inheritdoc cref="Of(string)"/>
    public static Rune Of(Rune rune) => rune.Value == 0x130 ? new Rune('i') : Rune.ToLowerInvariant(rune);
}
