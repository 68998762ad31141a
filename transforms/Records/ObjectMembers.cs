namespace ActivityConnector.Transforms.Records;

/// <summary>The members of an object in the order of the record; none of anything else, or of no node at all.</summary>
/// <remarks>A name may come twice: where only one counts, it is the last.</remarks>
internal ref struct ObjectMembers(RecordTree record, int node)
{
    private readonly int _end = node < record.Count && record.IsObject(node) ? record.Nodes[node].Next : 0;
    private int _next = node + 1;

    /// <summary>The node of the present member's value.</summary>
    public int Current { get; private set; } = -1;

    /// <summary>The present member's name, to be compared with one that is known: empty where it is not text, or has a U+0000.</summary>
    public readonly ReadOnlySpan<byte> Name => record.Nodes[Current - 1].Loss == TextLoss.None ? record[NameText] : default;

    /// <summary>The name as a text: without U+0000, and with U+FFFD for half a surrogate pair.</summary>
    public readonly Text NameText => record.Nodes[Current - 1].Text;

    /// <summary>Whether the name comes again later, once <see cref="Members.MarkShadowed"/> has looked.</summary>
    public readonly bool IsShadowed => record.Nodes[Current - 1].IsShadowed;

    public bool MoveNext()
    {
        if (_next >= _end) return false;

        Current = _next + 1;
        _next = record.Nodes[Current].Next;
        return true;
    }
}
