namespace ActivityConnector.Transforms;

/// <summary>A JSON value walked to its leaves: every path one key, every leaf one text. (Mapping 1.3.)</summary>
/// <param name="record">Holds the value.</param>
/// <param name="maxKeys">More keys are cut.</param>
/// <param name="maxValues">More values of one key are cut.</param>
/// <param name="maxDepth">Deeper paths are cut.</param>
internal sealed class FlatValues(RecordTree record, int maxKeys = int.MaxValue, int maxValues = int.MaxValue, int maxDepth = int.MaxValue)
{
    private const int MaxCharacters = 8192;

    private readonly Members _members = new(record);
    private readonly MetadataKey _path = new();
    private readonly TextIndex _keys = new(record);
    private readonly List<Entry> _entries = [];
    private readonly List<Leaf> _leaves = [];

    /// <summary>Something went over a limit and was cut.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Every leaf that was kept, in document order.</summary>
    public List<Leaf> Leaves => _leaves;

    public List<Entry> Entries => _entries;

    public int Find(ReadOnlySpan<byte> key) => _keys.Find(key);

    public void Clear()
    {
        _path.Length = 0;
        _keys.Clear();
        _entries.Clear();
        _leaves.Clear();
        IsTruncated = false;
    }

    /// <summary>Adds all below a node, under the path so far.</summary>
    public void Walk(int node, int depth = 0, bool inArray = false)
    {
        switch (record.Nodes[node].Kind)
        {
            case NodeKind.Object:
                WalkMembers(node, depth, inArray);
                break;
            case NodeKind.Array:
                for (var i = node + 1; i < record.Nodes[node].Next; i = record.Nodes[i].Next)
                {
                    Walk(i, depth, inArray: true);
                }

                break;
            default:
                Add(record.Nodes[node].Text, inArray);
                break;
        }
    }

    /// <summary>Adds one leaf under one name.</summary>
    public void Add(ReadOnlySpan<byte> name, Text value, bool inArray)
    {
        _path.Length = 0;
        _path.Join(name);
        Add(value, inArray);
    }

    private void WalkMembers(int node, int depth, bool inArray)
    {
        var end = record.Nodes[node].Next;
        if (depth == maxDepth)
        {
            IsTruncated |= end > node + 1;
            return;
        }

        _members.MarkShadowed(node);
        var length = _path.Length;
        for (var i = node + 1; i < end; i = record.Nodes[i + 1].Next)
        {
            if (!record.Nodes[i].IsShadowed)
            {
                _path.Join(record[record.Nodes[i].Text]);
                Walk(i + 1, depth + 1, inArray);
                _path.Length = length;
            }
        }
    }

    private void Add(Text value, bool inArray)
    {
        if (value.IsEmpty)
        {
            return;
        }

        var id = _keys.Find(_path.Value, out var slot);
        if (id < 0)
        {
            if (_entries.Count == maxKeys)
            {
                IsTruncated = true;
                return;
            }

            id = _keys.AddAt(slot, record.Append(_path.Value));
            _entries.Add(new(_keys[id], _leaves.Count, _leaves.Count, 1, inArray));
        }
        else
        {
            var entry = _entries[id];
            if (entry.Count == maxValues)
            {
                IsTruncated = true;
                return;
            }

            _leaves[entry.LastLeaf] = _leaves[entry.LastLeaf] with { NextOfKey = _leaves.Count };
            _entries[id] = entry with { LastLeaf = _leaves.Count, Count = entry.Count + 1, IsArray = true };
        }

        var cut = Cut.To(record, value, MaxCharacters);
        IsTruncated |= cut.Length < value.Length;
        _leaves.Add(new(id, cut, -1));
    }

    /// <summary>One key and the first and last of its leaves.</summary>
    internal readonly record struct Entry(Text Key, int FirstLeaf, int LastLeaf, int Count, bool IsArray);

    /// <summary>One value, and the index of the next value of the same key.</summary>
    internal readonly record struct Leaf(int Entry, Text Value, int NextOfKey);
}
