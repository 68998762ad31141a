using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>The parts of <c>performed_by</c>. A name twice: the last counts.</summary>
internal readonly struct ActorFields
{
    public ActorFields(RecordTree record, int performedBy)
    {
        var members = record.MembersOf(performedBy);
        while (members.MoveNext())
        {
            var name = members.Name;
            var value = members.Current;
            switch (name.Length)
            {
                case 2 when name.SequenceEqual("id"u8): Id = record.IdOf(value); break;
                case 2 when name.SequenceEqual("ip"u8): Ip = record.TrimmedTextOf(value); break;
                case 4 when name.SequenceEqual("type"u8): Type = record.TextOf(value); break;
                case 4 when name.SequenceEqual("name"u8): Name = record.NonBlankTextOf(value); break;
                case 5 when name.SequenceEqual("email"u8): Email = record.NonBlankTextOf(value); break;
            }
        }
    }

    public Text Id { get; }

    public Text Ip { get; }

    public Text Type { get; }

    public Text Name { get; }

    public Text Email { get; }
}
