using System.Runtime.InteropServices;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

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
    private readonly DistinctTexts _keys = new(record);
    private readonly List<Entry> _entries = [];
    private readonly List<Leaf> _leaves = [];

    /// <summary>Something went over a limit and was cut.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Every leaf that was kept, in document order.</summary>
    public ReadOnlySpan<Leaf> Leaves => CollectionsMarshal.AsSpan(_leaves);

    /// <summary>Every key, in the order of its first leaf.</summary>
    public ReadOnlySpan<Entry> Entries => CollectionsMarshal.AsSpan(_entries);

    /// <summary>The place of a key among <see cref="Entries"/>, or -1.</summary>
    public int Find(Text key) => _keys.Find(key);

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
                for (var i = node + 1; i < record.Nodes[node].Next; i = record.Nodes[i].Next) Walk(i, depth, inArray: true);

                break;
            default:
                AddUnderPath(record.Nodes[node].Text, inArray);
                break;
        }
    }

    /// <summary>Adds one leaf under one key.</summary>
    public void Add(Text key, Text value, bool inArray)
    {
        if (value.IsEmpty) return;

        var id = _keys.Count < maxKeys ? _keys.NumberOf(key) : _keys.Find(key);
        if (id < 0)
        {
            IsTruncated = true;
            return;
        }

        if (id == _entries.Count)
        {
            _entries.Add(new(key, _leaves.Count, _leaves.Count, 1, inArray));
        }
        else
        {
            ref var entry = ref CollectionsMarshal.AsSpan(_entries)[id];
            if (entry.Count == maxValues)
            {
                IsTruncated = true;
                return;
            }

            CollectionsMarshal.AsSpan(_leaves)[entry.LastLeaf].NextOfKey = _leaves.Count;
            entry = entry with { LastLeaf = _leaves.Count, Count = entry.Count + 1, IsArray = true };
        }

        var cut = Cut.To(record, value, MaxCharacters);
        IsTruncated |= cut.Length < value.Length;
        _leaves.Add(new(id, cut, -1));
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
                _path.Join(record[nodes[i].Text]);
                Walk(i + 1, depth + 1, inArray);
                _path.Length = length;
            }
        }
    }

    private void AddUnderPath(Text value, bool inArray)
    {
        if (!value.IsEmpty) Add(record.Append(_path.Value), value, inArray);
    }

    /// <summary>One key, and the first and last of its leaves.</summary>
    internal readonly record struct Entry(Text Key, int FirstLeaf, int LastLeaf, int Count, bool IsArray);

    /// <summary>One value, and the index of the next value of the same key.</summary>
    internal record struct Leaf(int Entry, Text Value, int NextOfKey);
}
