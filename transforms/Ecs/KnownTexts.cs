using System.Text;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>
/// Strings of texts that come again and again, as those who act and what they act upon do: each is made once. Bounded: a full set starts
/// anew.
/// </summary>
internal sealed class KnownTexts(RecordTree record)
{
    private const int MaxTexts = 1024;
    private const int MaxBytes = 128;

    private readonly HashSet<string> _texts = [];

    /// <summary>The string of a text; null for none.</summary>
    public string? Find(Text text)
    {
        if (text.Length is 0 or > MaxBytes) return text.IsEmpty ? null : record.StringOf(text);

        Span<char> room = stackalloc char[MaxBytes];
        ReadOnlySpan<char> characters = room[..Encoding.UTF8.GetChars(record[text], room)];
        if (_texts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(characters, out var known)) return known;

        if (_texts.Count == MaxTexts) _texts.Clear();

        var made = characters.ToString();
        _texts.Add(made);
        return made;
    }
}
