namespace ActivityConnector.Transforms;

/// <summary>Texts in first-seen order, each once. Small: it is searched from end to end.</summary>
internal sealed class DistinctTexts(RecordTree record)
{
    private readonly List<Text> _texts = [];

    public int Count => _texts.Count;

    public List<Text> All => _texts;

    public Text First => _texts.Count == 0 ? default : _texts[0];

    public void Clear() => _texts.Clear();

    /// <summary>Adds a text unless it is empty or known; true if it was added.</summary>
    public bool Add(Text text)
    {
        if (text.IsEmpty)
        {
            return false;
        }

        var bytes = record[text];
        foreach (var known in _texts)
        {
            if (record[known].SequenceEqual(bytes))
            {
                return false;
            }
        }

        _texts.Add(text);
        return true;
    }
}
