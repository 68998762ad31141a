namespace ActivityConnector.Transforms;

/// <summary>Numbers the texts it is given, each distinct one from 0 up; a small open-addressing table that is reused.</summary>
internal sealed class TextIndex(RecordTree record)
{
    private const int FewSlots = 64;

    private int[] _slots = new int[FewSlots];
    private Text[] _texts = new Text[FewSlots / 2];

    public int Count { get; private set; }

    public Text this[int id] => _texts[id];

    public void Clear()
    {
        if (Count == 0)
        {
            return;
        }

        Count = 0;
        if (_slots.Length > 16 * FewSlots)
        {
            _slots = new int[FewSlots];
        }
        else
        {
            Array.Clear(_slots);
        }
    }

    /// <summary>The number of <paramref name="text"/>, or -1.</summary>
    public int Find(ReadOnlySpan<byte> text) => Find(text, out _);

    /// <summary>The number of <paramref name="text"/>, or -1 and the slot to add it at.</summary>
    public int Find(ReadOnlySpan<byte> text, out int slot)
    {
        slot = Slot(text);
        return _slots[slot] - 1;
    }

    /// <summary>The number of <paramref name="text"/>, new or known.</summary>
    public int Add(Text text)
    {
        var id = Find(record[text], out var slot);
        return id < 0 ? AddAt(slot, text) : id;
    }

    /// <summary>Numbers a text that was just not found, at the slot that this search gave.</summary>
    public int AddAt(int slot, Text text)
    {
        if (Count == _texts.Length)
        {
            Array.Resize(ref _texts, Count * 2);
        }

        _texts[Count] = text;
        _slots[slot] = ++Count;
        if (Count * 2 > _slots.Length)
        {
            Grow();
        }

        return Count - 1;
    }

    private int Slot(ReadOnlySpan<byte> text)
    {
        var mask = _slots.Length - 1;
        var slot = (int)TextHash.Of(text) & mask;
        while (_slots[slot] != 0 && !record[_texts[_slots[slot] - 1]].SequenceEqual(text))
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (var id = 0; id < Count; id++)
        {
            _slots[Slot(record[_texts[id]])] = id + 1;
        }
    }
}
