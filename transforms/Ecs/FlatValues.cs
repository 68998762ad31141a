using System.Runtime.InteropServices;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>A JSON value walked to its scalars: every path one name, every scalar one text, within the limits of metadata. (Mapping 1.3.)</summary>
internal sealed class FlatValues(RecordTree record)
{
    public const int MaxNames = 256;

    private const int MaxValues = 64;
    private const int MaxDepth = 16;
    private const int MaxCharacters = 8192;

    private readonly Members _members = new(record);
    private readonly DistinctTexts _names = new(record);
    private readonly List<Entry> _entries = [];
    private readonly List<Leaf> _leaves = [];

    /// <summary>Something went over a limit and was cut.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Every leaf that was kept, in document order.</summary>
    public ReadOnlySpan<Leaf> Leaves => CollectionsMarshal.AsSpan(_leaves);

    /// <summary>Every name, in the order of its first leaf.</summary>
    public ReadOnlySpan<Entry> Entries => CollectionsMarshal.AsSpan(_entries);

    public void Clear()
    {
        _names.Clear();
        _entries.Clear();
        _leaves.Clear();
        IsTruncated = false;
    }

    /// <summary>Adds all below an object.</summary>
    public void Walk(int node) => Walk(node, default, 0, false);

    /// <summary>Adds one value under one name.</summary>
    public void Add(Text name, Text value, bool inArray)
    {
        if (value.IsEmpty) return;

        var id = _names.Count < MaxNames ? _names.NumberOf(name) : _names.Find(name);
        if (id < 0)
        {
            IsTruncated = true;
            return;
        }

        if (id == _entries.Count)
        {
            _entries.Add(new(name, _leaves.Count, _leaves.Count, 1, inArray));
        }
        else
        {
            ref var entry = ref CollectionsMarshal.AsSpan(_entries)[id];
            if (entry.Count == MaxValues)
            {
                IsTruncated = true;
                return;
            }

            CollectionsMarshal.AsSpan(_leaves)[entry.LastLeaf].NextOfName = _leaves.Count;
            entry = entry with { LastLeaf = _leaves.Count, Count = entry.Count + 1, IsArray = true };
        }

        var cut = Cut.To(record, value, MaxCharacters);
        IsTruncated |= cut.Length < value.Length;
        _leaves.Add(new(id, cut, -1));
    }

    private void Walk(int node, Text name, int depth, bool inArray)
    {
        switch (record.Nodes[node].Kind)
        {
            case NodeKind.Object:
                _members.MarkShadowed(node);
                var members = record.MembersOf(node);
                while (members.MoveNext())
                {
                    if (members.IsShadowed) continue;

                    // Deeper than the limit no name is needed: all that counts is whether a value is left out.
                    var (mark, names) = (record.Mark(), _names.Count);
                    var below = depth < MaxDepth ? MetadataName.Below(record, name, members.NameText) : default;
                    Walk(members.Current, below, depth + 1, inArray);
                    if (_names.Count == names) record.Forget(mark);
                }

                break;
            case NodeKind.Array:
                for (var i = node + 1; i < record.Nodes[node].Next; i = record.Nodes[i].Next) Walk(i, name, depth, inArray: true);

                break;
            default:
                if (depth <= MaxDepth)
                {
                    Add(name, record.TextOf(node), inArray);
                }
                else
                {
                    IsTruncated |= !record.TextOf(node).IsEmpty;
                }

                break;
        }
    }

    /// <summary>One name, and the first and last of its leaves.</summary>
    internal readonly record struct Entry(Text Name, int FirstLeaf, int LastLeaf, int Count, bool IsArray);

    /// <summary>One value, and the index of the next value of the same name.</summary>
    internal record struct Leaf(int Entry, Text Value, int NextOfName);
}
