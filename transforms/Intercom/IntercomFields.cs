using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>Where the parts of an Intercom record are; -1 for a part that is not there. A name twice: the last counts.</summary>
internal readonly struct IntercomFields
{
    public IntercomFields(RecordTree record)
    {
        Id = PerformedBy = Metadata = CreatedAt = ActivityType = Description = -1;
        if (record.Count == 0 || !record.IsObject(0)) return;

        var nodes = record.Nodes;
        for (var (i, end) = (1, record.Count); i < end; i = nodes[i + 1].Next)
        {
            var name = record[nodes[i].Text];
            switch (name.Length)
            {
                case 2 when name.SequenceEqual("id"u8): Id = i + 1; break;
                case 8 when name.SequenceEqual("metadata"u8): Metadata = i + 1; break;
                case 10 when name.SequenceEqual("created_at"u8): CreatedAt = i + 1; break;
                case 12 when name.SequenceEqual("performed_by"u8): PerformedBy = i + 1; break;
                case 13 when name.SequenceEqual("activity_type"u8): ActivityType = i + 1; break;
                case 20 when name.SequenceEqual("activity_description"u8): Description = i + 1; break;
            }
        }
    }

    public int Id { get; }

    public int PerformedBy { get; }

    public int Metadata { get; }

    public int CreatedAt { get; }

    public int ActivityType { get; }

    public int Description { get; }
}
