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
        var nodes = record.Nodes;
        var end = nodes[node].Next;
        var count = 0;
        var mayRepeat = false;
        Span<ulong> seen = [0, 0, 0, 0];
        for (var i = node + 1; i < end; i = nodes[i + 1].Next)
        {
            var name = nodes[i].Text;
            var hash = (record.Prefix(name) + (uint)name.Length) * 0x9E3779B97F4A7C15;
            var bit = 1UL << (int)(hash >> 56);
            ref var word = ref seen[(int)(hash >> 62)];
            mayRepeat |= (word & bit) != 0;
            word |= bit;
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
