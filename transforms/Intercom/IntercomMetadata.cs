namespace ActivityConnector.Transforms;

/// <summary>The metadata of an Intercom record: <c>intercom.metadata.*</c> and what else is read out of it. (Mapping 1.3.)</summary>
internal sealed class IntercomMetadata(RecordTree record)
{
    private const int MaxHosts = 16;
    private const int MaxUsers = 20;

    private readonly FlatValues _values = new(record, maxKeys: 256, maxValues: 64, maxDepth: 16);
    private readonly CanonicalJson _json = new(record);
    private readonly int[] _order = new int[256];
    private bool _mayHoldUsers;

    public DistinctTexts Hosts { get; } = new(record);

    public bool IsTruncated => _values.IsTruncated;

    public void Read(int node)
    {
        _values.Clear();
        Hosts.Clear();
        _mayHoldUsers = node >= 0 && record.RawOf(node).ContainsAny((byte)'@', (byte)'\\');
        if (record.IsObject(node))
        {
            _values.Walk(node);
        }
        else if (node >= 0 && record.Nodes[node].Kind == NodeKind.Array)
        {
            var key = record.Append("value"u8);
            for (var i = node + 1; i < record.Nodes[node].Next; i = record.Nodes[i].Next)
            {
                _values.Add(key, record.Nodes[i].IsContainer ? record.Append(_json.Of(i)) : record.Nodes[i].Text, inArray: true);
            }
        }
        else
        {
            _values.Add(record.Append("value"u8), record.TextOf(node), inArray: false);
        }

        ReadHosts();
    }

    /// <summary>Adds the values that look like an e-mail address.</summary>
    public void AddUsers(DistinctTexts users)
    {
        if (!_mayHoldUsers)
        {
            return;
        }

        var added = 0;
        foreach (ref readonly var leaf in _values.Leaves)
        {
            var text = Trimmed.Of(record, leaf.Value);
            if (added < MaxUsers && EmailAddress.IsShapeOf(record[text]) && users.Add(LowerCase.Of(record, text)))
            {
                added++;
            }
        }
    }

    /// <summary>Writes the fields in ordinal order of their keys.</summary>
    public void Write(EventWriter writer)
    {
        var entries = _values.Entries;
        var order = _order.AsSpan(0, entries.Length);
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Sort(order);
        foreach (var id in order)
        {
            ref readonly var entry = ref entries[id];
            writer.Name(",\"intercom.metadata."u8, entry.Key);
            if (!entry.IsArray)
            {
                writer.Value(_values.Leaves[entry.FirstLeaf].Value);
                continue;
            }

            var separator = (byte)'[';
            for (var leaf = entry.FirstLeaf; leaf >= 0; leaf = _values.Leaves[leaf].NextOfKey)
            {
                writer.Element(separator, _values.Leaves[leaf].Value);
                separator = (byte)',';
            }

            writer.Byte((byte)']');
        }
    }

    private void Sort(Span<int> order)
    {
        if (order.Length > 16)
        {
            order.Sort(Compare);
            return;
        }

        for (var i = 1; i < order.Length; i++)
        {
            var (id, at) = (order[i], i);
            for (; at > 0 && Compare(order[at - 1], id) > 0; at--)
            {
                order[at] = order[at - 1];
            }

            order[at] = id;
        }
    }

    private int Compare(int a, int b)
    {
        ref readonly var x = ref _values.Entries[a];
        ref readonly var y = ref _values.Entries[b];
        return x.Prefix == y.Prefix ? record[x.Key].SequenceCompareTo(record[y.Key]) : x.Prefix.CompareTo(y.Prefix);
    }

    private void ReadHosts()
    {
        var entries = _values.Entries;
        var any = false;
        foreach (ref readonly var entry in entries)
        {
            any |= HostName.IsKey(record, entry.Key);
        }

        if (!any)
        {
            return;
        }

        foreach (ref readonly var leaf in _values.Leaves)
        {
            if (Hosts.Count < MaxHosts && HostName.IsKey(record, entries[leaf.Entry].Key))
            {
                Hosts.Add(HostName.Read(record, leaf.Value));
            }
        }
    }
}
