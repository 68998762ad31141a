using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>Where the parts of a Sequence activity log are; -1 for a part that is not there.</summary>
internal readonly struct LogFields
{
    public LogFields(RecordTree record)
    {
        Id = Account = ActivityType = ApiVersion = Origin = TraceId = CreatedAt = Items = -1;
        if (record.Count == 0 || !record.IsObject(0)) return;

        var nodes = record.Nodes;
        for (var (i, end) = (1, record.Count); i < end; i = nodes[i + 1].Next)
        {
            var name = record[nodes[i].Text];
            switch (name.Length)
            {
                case 2 when name.SequenceEqual("id"u8): Id = i + 1; break;
                case 6 when name.SequenceEqual("origin"u8): Origin = i + 1; break;
                case 7 when name.SequenceEqual("traceId"u8): TraceId = i + 1; break;
                case 9 when name.SequenceEqual("createdAt"u8): CreatedAt = i + 1; break;
                case 10 when name.SequenceEqual("apiVersion"u8): ApiVersion = i + 1; break;
                case 12 when name.SequenceEqual("activityType"u8): ActivityType = i + 1; break;
                case 16 when name.SequenceEqual("activityLogItems"u8): Items = i + 1; break;
                case 17 when name.SequenceEqual("sequenceAccountId"u8): Account = i + 1; break;
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
