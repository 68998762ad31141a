using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>Where the parts of a Sequence activity log are; -1 for a part that is not there.</summary>
internal readonly struct LogFields
{
    public LogFields(RecordTree record)
    {
        Id = Account = ActivityType = ApiVersion = Origin = TraceId = CreatedAt = Items = -1;
        var members = record.MembersOf(0);
        while (members.MoveNext())
        {
            var name = members.Name;
            var value = members.Current;
            switch (name.Length)
            {
                case 2 when name.SequenceEqual("id"u8): Id = value; break;
                case 6 when name.SequenceEqual("origin"u8): Origin = value; break;
                case 7 when name.SequenceEqual("traceId"u8): TraceId = value; break;
                case 9 when name.SequenceEqual("createdAt"u8): CreatedAt = value; break;
                case 10 when name.SequenceEqual("apiVersion"u8): ApiVersion = value; break;
                case 12 when name.SequenceEqual("activityType"u8): ActivityType = value; break;
                case 16 when name.SequenceEqual("activityLogItems"u8): Items = value; break;
                case 17 when name.SequenceEqual("sequenceAccountId"u8): Account = value; break;
            }
        }
    }

    public int Id { get; }

    public int Account { get; }

    public int ActivityType { get; }

    public int ApiVersion { get; }

    public int Origin { get; }

    public int TraceId { get; }

    public int CreatedAt { get; }

    public int Items { get; }
}
