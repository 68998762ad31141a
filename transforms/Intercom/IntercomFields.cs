using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>Where the parts of an Intercom record are; -1 for a part that is not there. A name twice: the last counts.</summary>
internal readonly struct IntercomFields
{
    public IntercomFields(RecordTree record)
    {
        Id = PerformedBy = Metadata = CreatedAt = ActivityType = Description = -1;
        var members = record.MembersOf(0);
        while (members.MoveNext())
        {
            var name = members.Name;
            var value = members.Current;
            switch (name.Length)
            {
                case 2 when name.SequenceEqual("id"u8): Id = value; break;
                case 8 when name.SequenceEqual("metadata"u8): Metadata = value; break;
                case 10 when name.SequenceEqual("created_at"u8): CreatedAt = value; break;
                case 12 when name.SequenceEqual("performed_by"u8): PerformedBy = value; break;
                case 13 when name.SequenceEqual("activity_type"u8): ActivityType = value; break;
                case 20 when name.SequenceEqual("activity_description"u8): Description = value; break;
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
