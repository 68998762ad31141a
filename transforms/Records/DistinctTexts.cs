using System.Runtime.InteropServices;

namespace ActivityConnector.Transforms.Records;

/// <summary>Texts in first-seen order, each once and numbered from 0 up. A few are searched from end to end; more, as in a hostile record, by hash.</summary>
internal sealed class DistinctTexts(RecordTree record)
{
    private const int Few = 16;

    /// <summary>A hash table that one record made larger is not kept: clearing it costs as much as it is large.</summary>
    private const int MostKept = 1024;

    private readonly List<Text> _texts = [];
    private readonly Dictionary<Text, int> _numbers = new(new TextComparer(record));

    public int Count => _texts.Count;

    public List<Text> All => _texts;

    public Text First => _texts.Count == 0 ? default : _texts[0];

    public void Clear()
    {
        _texts.Clear();
        if (_numbers.Count > 0)
        {
            _numbers.Clear();
            if (_numbers.Capacity > MostKept) _numbers.TrimExcess();
        }
    }

    /// <summary>Adds a text unless it is empty or known; true if it was added.</summary>
    public bool Add(Text text)
    {
        var known = _texts.Count;
        return !text.IsEmpty && NumberOf(text) == known;
    }

    /// <summary>The number of a text, new or known.</summary>
    public int NumberOf(Text text)
    {
        if (_texts.Count < Few)
        {
            var known = Search(text);
            if (known >= 0) return known;
        }
        else
        {
            for (var i = _numbers.Count; i < _texts.Count; i++) _numbers.Add(_texts[i], i);

            if (!_numbers.TryAdd(text, _texts.Count)) return _numbers[text];
        }

        _texts.Add(text);
        return _texts.Count - 1;
    }

    /// <summary>The number of a text, or -1.</summary>
    public int Find(Text text) => _numbers.Count == 0 ? Search(text) : _numbers.GetValueOrDefault(text, -1);

    private int Search(Text text)
    {
        var bytes = record[text];
        var texts = CollectionsMarshal.AsSpan(_texts);
        for (var i = 0; i < texts.Length; i++)
        {
            if (record[texts[i]].SequenceEqual(bytes)) return i;
        }

        return -1;
    }
}
