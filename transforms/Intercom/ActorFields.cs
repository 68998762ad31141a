using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>The parts of <c>performed_by</c>. A name twice: the last counts.</summary>
internal readonly struct ActorFields
{
    public ActorFields(RecordTree record, int performedBy)
    {
        if (!record.IsObject(performedBy)) return;

        var nodes = record.Nodes;
        for (var (i, end) = (performedBy + 1, nodes[performedBy].Next); i < end; i = nodes[i + 1].Next)
        {
            var name = record[nodes[i].Text];
            switch (name.Length)
            {
                case 2 when name.SequenceEqual("id"u8): Id = record.IdOf(i + 1); break;
                case 2 when name.SequenceEqual("ip"u8): Ip = record.TextOf(i + 1); break;
                case 4 when name.SequenceEqual("type"u8): Type = record.TextOf(i + 1); break;
                case 4 when name.SequenceEqual("name"u8): Name = record.TextOf(i + 1); break;
                case 5 when name.SequenceEqual("email"u8): Email = record.TextOf(i + 1); break;
            }
        }
    }

    public Text Id { get; }

    public Text Ip { get; }

    public Text Type { get; }

    public Text Name { get; }

    public Text Email { get; }
}
