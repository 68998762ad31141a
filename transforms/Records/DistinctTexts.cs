using System.Runtime.InteropServices;

namespace ActivityConnector.Transforms;

/// <summary>Texts in first-seen order, each once. A few are searched from end to end; more, as in a hostile list of addresses, by hash.</summary>
internal sealed class DistinctTexts(RecordTree record)
{
    private const int Few = 16;

    private readonly List<Text> _texts = [];
    private readonly TextIndex _index = new(record);

    public int Count => _texts.Count;

    public List<Text> All => _texts;

    public Text First => _texts.Count == 0 ? default : _texts[0];

    public void Clear()
    {
        _texts.Clear();
        _index.Clear();
    }

    /// <summary>Adds a text unless it is empty or known; true if it was added.</summary>
    public bool Add(Text text)
    {
        if (text.IsEmpty)
        {
            return false;
        }

        if (_texts.Count > Few ? _index.Find(record[text]) >= 0 : IsAmongFew(record[text]))
        {
            return false;
        }

        _texts.Add(text);
        if (_texts.Count > Few)
        {
            for (var i = _index.Count; i < _texts.Count; i++)
            {
                _index.Add(_texts[i]);
            }
        }

        return true;
    }

    private bool IsAmongFew(ReadOnlySpan<byte> text)
    {
        foreach (var known in CollectionsMarshal.AsSpan(_texts))
        {
            if (record[known].SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }
}
