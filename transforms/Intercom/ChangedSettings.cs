using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>
/// The names of the settings that an activity changed: the keys of <c>metadata.changes</c>, and the paths at which the objects
/// <c>before</c> and <c>after</c> differ. It turns a dump of two times 70 permission flags into the answer. (Mapping 3.6.)
/// </summary>
internal sealed class ChangedSettings(RecordTree record)
{
    private const int MaxNames = 128;

    private readonly Members _members = new(record);
    private readonly MetadataKey _name = new();
    private readonly DistinctTexts _names = new(record);
    private readonly FlatValues _before = new(record);
    private readonly FlatValues _after = new(record);

    public List<Text> Names => _names.All;

    public void Read(int changes, int before, int after)
    {
        _names.Clear();
        if (record.IsObject(changes)) AddNamesOf(changes);

        if (record.IsObject(before) && record.IsObject(after)) AddDifferences(before, after);
    }

    private void AddNamesOf(int changes)
    {
        _members.MarkShadowed(changes);
        for (var i = changes + 1; i < record.Nodes[changes].Next; i = record.Nodes[i + 1].Next)
        {
            if (!record.Nodes[i].IsShadowed)
            {
                _name.Length = 0;
                _name.Join(record[record.Nodes[i].Text]);
                Add(record.Append(_name.Value));
            }
        }
    }

    private void AddDifferences(int before, int after)
    {
        _before.Clear();
        _after.Clear();
        _before.Walk(before);
        _after.Walk(after);
        foreach (var entry in _before.Entries)
        {
            var other = _after.Find(entry.Key);
            if (other < 0 || !HaveSameValues(entry, _after.Entries[other])) Add(entry.Key);
        }

        foreach (var entry in _after.Entries)
        {
            if (_before.Find(entry.Key) < 0) Add(entry.Key);
        }
    }

    private bool HaveSameValues(FlatValues.Entry before, FlatValues.Entry after)
    {
        var (b, a) = (before.FirstLeaf, after.FirstLeaf);
        while (b >= 0 && a >= 0 && record[_before.Leaves[b].Value].SequenceEqual(record[_after.Leaves[a].Value]))
        {
            (b, a) = (_before.Leaves[b].NextOfKey, _after.Leaves[a].NextOfKey);
        }

        return b < 0 && a < 0;
    }

    private void Add(Text name)
    {
        if (_names.Count < MaxNames) _names.Add(name);
    }
}
