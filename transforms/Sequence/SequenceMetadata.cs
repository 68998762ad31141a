using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>
/// <c>sequence.metadata</c>: an array of anything under keys the customer chooses, so one field: <c>key=value</c>, plain text or compact JSON.
/// (Mapping 1.3.)
/// </summary>
internal sealed class SequenceMetadata(RecordTree record)
{
    private const int MaxValues = 64;
    private const int MaxCharacters = 8192;

    private readonly CanonicalJson _json = new(record);
    private readonly Members _members = new(record);

    public List<Text> Values { get; } = [];

    public bool IsTruncated { get; private set; }

    public void Read(int node)
    {
        Values.Clear();
        IsTruncated = false;
        if (node < 0) return;

        if (record.Nodes[node].Kind != NodeKind.Array)
        {
            Add(node);
            return;
        }

        for (var i = node + 1; i < record.Nodes[node].Next; i = record.Nodes[i].Next) Add(i);
    }

    private void Add(int node)
    {
        if (Values.Count == MaxValues)
        {
            IsTruncated |= record.Nodes[node].IsContainer || !record.TextOf(node).IsEmpty;
            return;
        }

        var value = TextFor(node);
        if (!value.IsEmpty)
        {
            var cut = Cut.To(record, value, MaxCharacters);
            IsTruncated |= cut.Length < value.Length;
            Values.Add(cut);
        }
    }

    private Text TextFor(int node)
    {
        if (!record.Nodes[node].IsContainer) return record.TextOf(node);

        if (!record.IsObject(node) || _members.MarkShadowed(node) != 2) return Compact(node);

        var (key, value) = (record.Find(node, "key"u8), record.Find(node, "value"u8));
        if (key < 0 || value < 0 || record.Nodes[key].IsContainer || record.Nodes[key].Kind == NodeKind.Null || record.Nodes[value].IsContainer)
        {
            return Compact(node);
        }

        var (k, v) = (record.TextOf(key), record.TextOf(value));
        var room = record.Room(k.Length + 1 + v.Length);
        record[k].CopyTo(room);
        room[k.Length] = (byte)'=';
        record[v].CopyTo(room[(k.Length + 1)..]);
        return record.Commit(room.Length);
    }

    /// <summary>Compact JSON; its own escapes keep even a U+0000 as six plain characters.</summary>
    private Text Compact(int node) => record.Append(_json.Of(node));
}
