namespace ActivityConnector.Transforms;

/// <summary>A JSON value walked to its leaves: every path one key, every leaf one text. (Mapping 1.3.)</summary>
/// <param name="record">Holds the value.</param>
/// <param name="maxKeys">More keys are cut.</param>
/// <param name="maxValues">More values of one key are cut.</param>
/// <param name="maxDepth">Deeper paths are cut.</param>
internal sealed class FlatValues(RecordTree record, int maxKeys = int.MaxValue, int maxValues = int.MaxValue, int maxDepth = int.MaxValue)
{
    private const int MaxCharacters = 8192;

    /// <summary>So many keys are searched from end to end, more by hash.</summary>
    private const int Few = 16;

    private readonly Members _members = new(record);
    private readonly MetadataKey _path = new();
    private readonly TextIndex _keys = new(record);
    private Entry[] _entries = new Entry[2 * Few];
    private Leaf[] _leaves = new Leaf[2 * Few];
    private int _entryCount;
    private int _leafCount;

    /// <summary>Something went over a limit and was cut.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Every leaf that was kept, in document order.</summary>
    public ReadOnlySpan<Leaf> Leaves => _leaves.AsSpan(0, _leafCount);

    public ReadOnlySpan<Entry> Entries => _entries.AsSpan(0, _entryCount);

    public int Find(Text key) => Find(key, record.Prefix(key));

    public void Clear()
    {
        _path.Length = 0;
        _keys.Clear();
        _entryCount = _leafCount = 0;
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
                AddUnderPath(record.Nodes[node].Text, inArray);
                break;
        }
    }

    /// <summary>Adds one leaf under one key.</summary>
    public void Add(Text key, Text value, bool inArray)
    {
        if (value.IsEmpty)
        {
            return;
        }

        var prefix = record.Prefix(key);
        var id = Find(key, prefix);
        if (id < 0)
        {
            if (_entryCount == maxKeys)
            {
                IsTruncated = true;
                return;
            }

            id = AddEntry(new(key, prefix, _leafCount, _leafCount, 1, inArray));
        }
        else
        {
            ref var entry = ref _entries[id];
            if (entry.Count == maxValues)
            {
                IsTruncated = true;
                return;
            }

            _leaves[entry.LastLeaf] = _leaves[entry.LastLeaf] with { NextOfKey = _leafCount };
            entry = entry with { LastLeaf = _leafCount, Count = entry.Count + 1, IsArray = true };
        }

        var cut = Cut.To(record, value, MaxCharacters);
        IsTruncated |= cut.Length < value.Length;
        if (_leafCount == _leaves.Length)
        {
            Array.Resize(ref _leaves, _leafCount * 2);
        }

        _leaves[_leafCount++] = new(id, cut, -1);
    }

    private void WalkMembers(int node, int depth, bool inArray)
    {
        var nodes = record.Nodes;
        var end = nodes[node].Next;
        if (depth == maxDepth)
        {
            IsTruncated |= end > node + 1;
            return;
        }

        _members.MarkShadowed(node);
        var length = _path.Length;
        for (var i = node + 1; i < end; i = nodes[i + 1].Next)
        {
            if (!nodes[i].IsShadowed)
            {
                var name = nodes[i].Text;
                var isKey = MetadataKey.IsKey(record, name);
                if (length == 0 && isKey && !nodes[i + 1].IsContainer)
                {
                    Add(name, nodes[i + 1].Text, inArray);
                    continue;
                }

                _path.Join(record[name], isKey);
                Walk(i + 1, depth + 1, inArray);
                _path.Length = length;
            }
        }
    }

    private void AddUnderPath(Text value, bool inArray)
    {
        if (!value.IsEmpty)
        {
            Add(record.Append(_path.Value), value, inArray);
        }
    }

    private int Find(Text key, ulong prefix)
    {
        if (_entryCount > Few)
        {
            return _keys.Find(record[key]);
        }

        for (var id = 0; id < _entryCount; id++)
        {
            if (_entries[id].Prefix == prefix && record[_entries[id].Key].SequenceEqual(record[key]))
            {
                return id;
            }
        }

        return -1;
    }

    private int AddEntry(in Entry entry)
    {
        if (_entryCount == _entries.Length)
        {
            Array.Resize(ref _entries, _entryCount * 2);
        }

        _entries[_entryCount++] = entry;
        if (_entryCount > Few)
        {
            for (var id = _keys.Count; id < _entryCount; id++)
            {
                _keys.Add(_entries[id].Key);
            }
        }

        return _entryCount - 1;
    }

    /// <summary>One key, its first eight bytes as a number in their order, and the first and last of its leaves.</summary>
    internal readonly record struct Entry(Text Key, ulong Prefix, int FirstLeaf, int LastLeaf, int Count, bool IsArray);

    /// <summary>One value, and the index of the next value of the same key.</summary>
    internal readonly record struct Leaf(int Entry, Text Value, int NextOfKey);
}
