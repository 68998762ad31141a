namespace ActivityConnector.Transforms;

/// <summary>The members of an object whose names count: where a name comes twice, the last one.</summary>
internal sealed class Members(RecordTree record)
{
    private const int Few = 8;

    private readonly TextIndex _names = new(record);
    private int[] _last = new int[64];

    /// <summary>Marks every earlier member of the same name, and says how many members count.</summary>
    public int MarkShadowed(int node)
    {
        var end = record.Nodes[node].Next;
        var count = 0;
        var (seen, mayRepeat) = (0UL, false);
        for (var i = node + 1; i < end; i = record.Nodes[i + 1].Next)
        {
            var name = record.Nodes[i].Text;
            var bit = 1UL << (int)(((record.Prefix(name) + (uint)name.Length) * 0x9E3779B97F4A7C15) >> 58);
            mayRepeat |= (seen & bit) != 0;
            seen |= bit;
            count++;
        }

        if (!mayRepeat)
        {
            return count;
        }

        return count <= Few ? MarkFew(node, end, count) : MarkMany(node, end);
    }

    private int MarkFew(int node, int end, int count)
    {
        for (var i = node + 1; i < end; i = record.Nodes[i + 1].Next)
        {
            var name = record.Nodes[i].Text;
            for (var later = record.Nodes[i + 1].Next; later < end; later = record.Nodes[later + 1].Next)
            {
                if (record.Nodes[later].Text.Length == name.Length && record[record.Nodes[later].Text].SequenceEqual(record[name]))
                {
                    record.Nodes[i].IsShadowed = true;
                    count--;
                    break;
                }
            }
        }

        return count;
    }

    private int MarkMany(int node, int end)
    {
        _names.Clear();
        for (var i = node + 1; i < end; i = record.Nodes[i + 1].Next)
        {
            var known = _names.Count;
            var id = _names.Add(record.Nodes[i].Text);
            if (id == _last.Length)
            {
                Array.Resize(ref _last, id * 2);
            }

            if (id < known)
            {
                record.Nodes[_last[id]].IsShadowed = true;
            }

            _last[id] = i;
        }

        return _names.Count;
    }
}
