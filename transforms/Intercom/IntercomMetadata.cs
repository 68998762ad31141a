using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>The metadata of an Intercom record: <c>intercom.metadata.*</c> and what else is read out of it. (Mapping 1.3.)</summary>
internal sealed class IntercomMetadata
{
    private const int MaxHosts = 16;

    private readonly RecordTree _record;
    private readonly bool _isHidden;
    private readonly FlatValues _values;
    private readonly CanonicalJson _json;
    private readonly int[] _order = new int[FlatValues.MaxNames];
    private readonly Comparison<int> _byName;

    /// <param name="record">Holds the metadata.</param>
    /// <param name="isHidden">A privacy rule hides metadata: nothing of it may be in another field.</param>
    public IntercomMetadata(RecordTree record, bool isHidden)
    {
        _isHidden = isHidden;
        _record = record;
        _values = new(record);
        _json = new(record);
        _byName = (a, b) => record[_values.Entries[a].Name].SequenceCompareTo(record[_values.Entries[b].Name]);
        Hosts = new(record);
    }

    public DistinctTexts Hosts { get; }

    public bool IsTruncated => _values.IsTruncated;

    public void Read(int node)
    {
        _values.Clear();
        Hosts.Clear();
        if (_record.IsObject(node))
        {
            _values.Walk(node);
        }
        else if (node >= 0 && _record.Nodes[node].Kind == NodeKind.Array)
        {
            var name = _record.Append("value"u8);
            for (var i = node + 1; i < _record.Nodes[node].Next; i = _record.Nodes[i].Next)
            {
                _values.Add(name, _record.Nodes[i].IsContainer ? _record.Append(_json.Of(i)) : _record.Nodes[i].Text, inArray: true);
            }
        }
        else
        {
            _values.Add(_record.Append("value"u8), _record.TextOf(node), inArray: false);
        }

        if (!_isHidden) ReadHosts();
    }

    /// <summary>Writes the fields in ordinal order of their names.</summary>
    public void Write(EventWriter writer)
    {
        var entries = _values.Entries;
        var order = _order.AsSpan(0, entries.Length);
        for (var i = 0; i < order.Length; i++) order[i] = i;

        order.Sort(_byName);
        foreach (var id in order)
        {
            ref readonly var entry = ref entries[id];
            writer.Literal(",\"intercom.metadata."u8);
            writer.Literal(_record[entry.Name]);
            writer.Literal("\":"u8);
            if (!entry.IsArray)
            {
                writer.Value(_values.Leaves[entry.FirstLeaf].Value);
                continue;
            }

            var separator = (byte)'[';
            for (var leaf = entry.FirstLeaf; leaf >= 0; leaf = _values.Leaves[leaf].NextOfName)
            {
                writer.Byte(separator);
                writer.Value(_values.Leaves[leaf].Value);
                separator = (byte)',';
            }

            writer.Byte((byte)']');
        }
    }

    private void ReadHosts()
    {
        foreach (ref readonly var leaf in _values.Leaves)
        {
            if (Hosts.Count < MaxHosts && HostName.IsMetadataName(_record[_values.Entries[leaf.Entry].Name]))
            {
                Hosts.Add(HostName.Read(_record, leaf.Value));
            }
        }
    }
}
