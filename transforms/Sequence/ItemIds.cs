using System.Globalization;
using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>
/// Ids for items that bring none: of their content, and a number for the second and later twins. Not the place in the array: if the
/// vendor reordered items, ids would swap and an event be lost as a duplicate. (Mapping 4.2.)
/// </summary>
internal sealed class ItemIds(RecordTree record)
{
    private readonly CanonicalJson _json = new(record);
    private readonly DistinctTexts _contents = new(record);
    private readonly List<int> _counts = [];

    public void Clear()
    {
        _contents.Clear();
        _counts.Clear();
    }

    public Text Of(int item, Text logId)
    {
        var content = _json.Id(_json.Of(item));
        var twin = _contents.NumberOf(content);
        if (twin == _counts.Count) _counts.Add(0);

        _counts[twin]++;
        var suffix = _counts[twin] == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $":{_counts[twin]}");
        return record.Append($"{record.StringOf(logId)}:{record.StringOf(content)}{suffix}");
    }
}
