using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>
/// The names of the settings that an activity changed: the keys of <c>metadata.changes</c>, and the paths at which the objects
/// <c>before</c> and <c>after</c> differ by value or type. It turns a dump of two times 70 permission flags into the answer. (Mapping 3.6.)
/// </summary>
internal sealed class ChangedSettings(RecordTree record)
{
    private const int MaxNames = 128;

    private readonly Members _members = new(record);
    private readonly DistinctTexts _names = new(record);
    private readonly TextComparer _byContent = new(record);

    public List<Text> Names => _names.All;

    public void Read(int changes, int before, int after)
    {
        _names.Clear();
        if (record.IsObject(changes))
        {
            _members.MarkShadowed(changes);
            var members = record.MembersOf(changes);
            while (members.MoveNext())
            {
                if (!members.IsShadowed && _names.Count < MaxNames) _names.Add(MetadataName.Below(record, default, members.NameText));
            }
        }

        if (record.IsObject(before) && record.IsObject(after)) Compare(before, after, default);
    }

    private void Compare(int before, int after, Text name)
    {
        switch (record.Nodes[before].Kind, record.Nodes[after].Kind)
        {
            case (NodeKind.Object, NodeKind.Object):
                CompareMembers(before, after, name);
                break;
            case (NodeKind.Array, NodeKind.Array):
                CompareElements(before, after, name);
                break;
            case (NodeKind.True, NodeKind.True) or (NodeKind.False, NodeKind.False) or (NodeKind.Null, NodeKind.Null):
            case (NodeKind.String, NodeKind.String) when record[record.ExactTextOf(before)].SequenceEqual(record[record.ExactTextOf(after)]):
            case (NodeKind.Number, NodeKind.Number) when AreEqualNumbers(before, after):
                break;
            default:
                AddPaths(before, name);
                AddPaths(after, name);
                break;
        }
    }

    /// <summary>Members belong together by their own names, not by what becomes of them in an event.</summary>
    private void CompareMembers(int before, int after, Text name)
    {
        var onlyAfter = new Dictionary<Text, int>(_byContent);
        var members = record.MembersOf(after);
        while (members.MoveNext()) onlyAfter[members.NameText] = members.Current;

        _members.MarkShadowed(before);
        members = record.MembersOf(before);
        while (members.MoveNext())
        {
            if (members.IsShadowed) continue;

            CompareMember(members.Current, onlyAfter.Remove(members.NameText, out var other) ? other : -1, name, members.NameText);
        }

        foreach (var member in onlyAfter.Values.Order()) CompareMember(-1, member, name, record.Nodes[member - 1].Text);
    }

    /// <param name="before">-1 where it was not there.</param>
    /// <param name="after">-1 where it is not there any more.</param>
    private void CompareMember(int before, int after, Text path, Text key)
    {
        if (_names.Count == MaxNames || (before >= 0 && after >= 0 && record.RawOf(before).SequenceEqual(record.RawOf(after)))) return;

        var (mark, names) = (record.Mark(), _names.Count);
        var name = MetadataName.Below(record, path, key);
        if (before < 0 || after < 0)
        {
            AddPaths(Math.Max(before, after), name);
        }
        else
        {
            Compare(before, after, name);
        }

        if (_names.Count == names) record.Forget(mark);
    }

    private void CompareElements(int before, int after, Text name)
    {
        var (b, a) = (before + 1, after + 1);
        var (endBefore, endAfter) = (record.Nodes[before].Next, record.Nodes[after].Next);
        for (; b < endBefore && a < endAfter; b = record.Nodes[b].Next, a = record.Nodes[a].Next) Compare(b, a, name);

        for (; b < endBefore; b = record.Nodes[b].Next) AddPaths(b, name);

        for (; a < endAfter; a = record.Nodes[a].Next) AddPaths(a, name);
    }

    private bool AreEqualNumbers(int before, int after)
    {
        var (b, a) = (DecimalNumber.Read(record, record.TextOf(before)), DecimalNumber.Read(record, record.TextOf(after)));
        return b.IsExact && a.IsExact && b.IsNegative == a.IsNegative && b.Exponent == a.Exponent && record[b.Digits].SequenceEqual(record[a.Digits]);
    }

    /// <summary>Adds the names of a value's scalars and empty containers.</summary>
    private void AddPaths(int node, Text name)
    {
        if (_names.Count == MaxNames) return;

        if (record.Nodes[node].Next == node + 1)
        {
            _names.Add(name);
        }
        else if (record.Nodes[node].Kind == NodeKind.Array)
        {
            for (var i = node + 1; i < record.Nodes[node].Next; i = record.Nodes[i].Next) AddPaths(i, name);
        }
        else
        {
            _members.MarkShadowed(node);
            var members = record.MembersOf(node);
            while (members.MoveNext())
            {
                if (!members.IsShadowed) CompareMember(members.Current, -1, name, members.NameText);
            }
        }
    }
}
