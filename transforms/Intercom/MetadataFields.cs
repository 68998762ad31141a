using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>Where the parts of <c>metadata</c> are that mean something of their own; -1 for a part that is not there.</summary>
internal readonly struct MetadataFields
{
    public MetadataFields(RecordTree record, int metadata)
    {
        Changes = Before = After = Team = UpdateBy = UpdateByName = -1;
        var members = record.MembersOf(metadata);
        while (members.MoveNext())
        {
            var name = members.Name;
            var value = members.Current;
            switch (name.Length)
            {
                case 4 when name.SequenceEqual("team"u8): Team = value; break;
                case 5 when name.SequenceEqual("after"u8): After = value; break;
                case 6 when name.SequenceEqual("before"u8): Before = value; break;
                case 7 when name.SequenceEqual("changes"u8): Changes = value; break;
                case 9 when name.SequenceEqual("update_by"u8): UpdateBy = value; break;
                case 14 when name.SequenceEqual("update_by_name"u8): UpdateByName = value; break;
            }
        }
    }

    public int Changes { get; }

    public int Before { get; }

    public int After { get; }

    public int Team { get; }

    public int UpdateBy { get; }

    public int UpdateByName { get; }
}
