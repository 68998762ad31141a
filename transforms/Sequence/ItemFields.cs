using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>Where the parts of one item of a Sequence activity log are; -1 for a part that is not there.</summary>
internal readonly struct ItemFields
{
    public ItemFields(RecordTree record, int item)
    {
        Id = LogId = Verb = Name = Summary = Reason = Metadata = Actor = Object = Target = -1;
        if (!record.IsObject(item)) return;

        var nodes = record.Nodes;
        for (var (i, end) = (item + 1, nodes[item].Next); i < end; i = nodes[i + 1].Next)
        {
            var name = record[nodes[i].Text];
            switch (name.Length)
            {
                case 2 when name.SequenceEqual("id"u8): Id = i + 1; break;
                case 4 when name.SequenceEqual("verb"u8): Verb = i + 1; break;
                case 4 when name.SequenceEqual("name"u8): Name = i + 1; break;
                case 6 when name.SequenceEqual("reason"u8): Reason = i + 1; break;
                case 7 when name.SequenceEqual("summary"u8): Summary = i + 1; break;
                case 8 when name.SequenceEqual("metadata"u8): Metadata = i + 1; break;
                case 13 when name.SequenceEqual("activityLogId"u8): LogId = i + 1; break;
                case 16 when name.SequenceEqual("activityLogActor"u8): Actor = i + 1; break;
                case 17 when name.SequenceEqual("activityLogObject"u8): Object = i + 1; break;
                case 17 when name.SequenceEqual("activityLogTarget"u8): Target = i + 1; break;
            }
        }
    }

    public int Id { get; }

    public int LogId { get; }

    public int Verb { get; }

    public int Name { get; }

    public int Summary { get; }

    public int Reason { get; }

    public int Metadata { get; }

    public int Actor { get; }

    public int Object { get; }

    public int Target { get; }
}
