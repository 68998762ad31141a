using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>Where the parts of one item of a Sequence activity log are; -1 for a part that is not there.</summary>
internal readonly struct ItemFields
{
    public ItemFields(RecordTree record, int item)
    {
        Id = LogId = Verb = Name = Summary = Reason = Metadata = Actor = Object = Target = -1;
        var members = record.MembersOf(item);
        while (members.MoveNext())
        {
            var name = members.Name;
            var value = members.Current;
            switch (name.Length)
            {
                case 2 when name.SequenceEqual("id"u8): Id = value; break;
                case 4 when name.SequenceEqual("verb"u8): Verb = value; break;
                case 4 when name.SequenceEqual("name"u8): Name = value; break;
                case 6 when name.SequenceEqual("reason"u8): Reason = value; break;
                case 7 when name.SequenceEqual("summary"u8): Summary = value; break;
                case 8 when name.SequenceEqual("metadata"u8): Metadata = value; break;
                case 13 when name.SequenceEqual("activityLogId"u8): LogId = value; break;
                case 16 when name.SequenceEqual("activityLogActor"u8): Actor = value; break;
                case 17 when name.SequenceEqual("activityLogObject"u8): Object = value; break;
                case 17 when name.SequenceEqual("activityLogTarget"u8): Target = value; break;
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
