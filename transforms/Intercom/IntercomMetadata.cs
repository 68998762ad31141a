using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>The metadata of an Intercom record: <c>intercom.metadata.*</c> and what else is read out of it. (Mapping 1.3.)</summary>
internal sealed class IntercomMetadata
{
    private const int MaxHosts = 16;
    private const int MaxUsers = 20;
    private const int MaxKeys = 256;

    private readonly RecordTree _record;
    private readonly FlatValues _values;
    private readonly CanonicalJson _json;
    private readonly int[] _order = new int[MaxKeys];
    private readonly Comparison<int> _byKey;
    private bool _mayHoldUsers;

    public IntercomMetadata(RecordTree record)
    {
        _record = record;
        _values = new(record, MaxKeys, maxValues: 64, maxDepth: 16);
        _json = new(record);
        _byKey = (a, b) => record[_values.Entries[a].Key].SequenceCompareTo(record[_values.Entries[b].Key]);
        Hosts = new(record);
    }

    public DistinctTexts Hosts { get; }

    public bool IsTruncated => _values.IsTruncated;

    public void Read(int node)
    {
        _values.Clear();
        Hosts.Clear();
        _mayHoldUsers = node >= 0 && _record.RawOf(node).ContainsAny((byte)'@', (byte)'\\');
        if (_record.IsObject(node))
        {
            _values.Walk(node);
        }
        else if (node >= 0 && _record.Nodes[node].Kind == NodeKind.Array)
        {
            var key = _record.Append("value"u8);
            for (var i = node + 1; i < _record.Nodes[node].Next; i = _record.Nodes[i].Next)
            {
                _values.Add(key, _record.Nodes[i].IsContainer ? _record.Append(_json.Of(i)) : _record.Nodes[i].Text, inArray: true);
            }
        }
        else
        {
            _values.Add(_record.Append("value"u8), _record.TextOf(node), inArray: false);
        }

        ReadHosts();
    }

    /// <summary>Adds the values that look like an e-mail address.</summary>
    public void AddUsers(DistinctTexts users)
    {
        if (!_mayHoldUsers) return;

        var added = 0;
        foreach (ref readonly var leaf in _values.Leaves)
        {
            var text = Trimmed.Of(_record, leaf.Value);
            if (added < MaxUsers && EmailAddress.IsShapeOf(_record[text]) && users.Add(LowerCase.Of(_record, text))) added++;
        }
    }

    /// <summary>Writes the fields in ordinal order of their keys.</summary>
    public void Write(EventWriter writer)
    {
        var entries = _values.Entries;
        var order = _order.AsSpan(0, entries.Length);
        for (var i = 0; i < order.Length; i++) order[i] = i;

        order.Sort(_byKey);
        foreach (var id in order)
        {
            ref readonly var entry = ref entries[id];
            writer.Literal(",\"intercom.metadata."u8);
            writer.Literal(_record[entry.Key]);
            writer.Literal("\":"u8);
            if (!entry.IsArray)
            {
                writer.Value(_values.Leaves[entry.FirstLeaf].Value);
                continue;
            }

            var separator = (byte)'[';
            for (var leaf = entry.FirstLeaf; leaf >= 0; leaf = _values.Leaves[leaf].NextOfKey)
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
            if (Hosts.Count < MaxHosts && HostName.IsKey(_record[_values.Entries[leaf.Entry].Key]))
            {
                Hosts.Add(HostName.Read(_record, leaf.Value));
            }
        }
    }
}
