using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>Where the parts of <c>metadata</c> are that mean something of their own; -1 for a part that is not there.</summary>
internal readonly struct MetadataFields
{
    public MetadataFields(RecordTree record, int metadata)
    {
        Changes = Before = After = Team = UpdateBy = UpdateByName = -1;
        if (!record.IsObject(metadata)) return;

        var nodes = record.Nodes;
        for (var (i, end) = (metadata + 1, nodes[metadata].Next); i < end; i = nodes[i + 1].Next)
        {
            var name = record[nodes[i].Text];
            switch (name.Length)
            {
                case 4 when name.SequenceEqual("team"u8): Team = i + 1; break;
                case 5 when name.SequenceEqual("after"u8): After = i + 1; break;
                case 6 when name.SequenceEqual("before"u8): Before = i + 1; break;
                case 7 when name.SequenceEqual("changes"u8): Changes = i + 1; break;
                case 9 when name.SequenceEqual("update_by"u8): UpdateBy = i + 1; break;
                case 14 when name.SequenceEqual("update_by_name"u8): UpdateByName = i + 1; break;
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
