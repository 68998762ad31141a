using System.Runtime.CompilerServices;
using System.Text;

namespace ActivityConnector.Transforms;

/// <summary>Strings of texts that come again and again, as those who act and what they act upon do: made once as long as they are met often.</summary>
internal sealed class KnownTexts(RecordTree record)
{
    private const int Places = 512;

    private readonly string?[] _strings = new string?[Places];

    /// <summary>The string of a text; null for none.</summary>
    public string? Find(Text text)
    {
        if (text.IsEmpty)
        {
            return null;
        }

        var bytes = record[text];
        ref var known = ref _strings[Place(text)];
        return known is not null && Ascii.Equals(bytes, known) ? known : known = record.StringOf(text);
    }

    /// <summary>By the start and the end of a text: ids differ in one of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Place(Text text)
    {
        var end = text.Length > 8 ? record.Prefix(new(text.End - 8, 8)) : 0;
        return (int)(((record.Prefix(text) ^ (end * 31)) * 0x9E3779B97F4A7C15) >> 55);
    }
}
