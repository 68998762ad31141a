namespace ActivityConnector.Transforms.Records;

/// <summary>The members of an object whose names count: where a name comes twice, the last one.</summary>
internal sealed class Members(RecordTree record)
{
    private readonly DistinctTexts _names = new(record);
    private readonly List<int> _last = [];

    /// <summary>Marks every earlier member of the same name, and says how many members count.</summary>
    public int MarkShadowed(int node)
    {
        var nodes = record.Nodes;
        _names.Clear();
        _last.Clear();
        for (var i = node + 1; i < nodes[node].Next; i = nodes[i + 1].Next)
        {
            var name = _names.NumberOf(nodes[i].Text);
            if (name == _last.Count)
            {
                _last.Add(i);
            }
            else
            {
                nodes[_last[name]].IsShadowed = true;
                _last[name] = i;
            }
        }

        return _names.Count;
    }
}
