using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>An actor, object or target of a Sequence item.</summary>
internal readonly record struct Entity(Text Id, Text EntityType, Text EntityId, Text Email)
{
    /// <summary>The entity's own id; failing that, the id of the record that says so.</summary>
    public Text OwnId => EntityId.IsEmpty ? Id : EntityId;

    public static Entity Read(RecordTree record, int node)
    {
        Text id = default, entityType = default, entityId = default, email = default;
        var members = record.MembersOf(node);
        while (members.MoveNext())
        {
            var name = members.Name;
            var value = members.Current;
            switch (name.Length)
            {
                case 2 when name.SequenceEqual("id"u8): id = record.IdOf(value); break;
                case 5 when name.SequenceEqual("email"u8): email = record.NonBlankTextOf(value); break;
                case 8 when name.SequenceEqual("entityId"u8): entityId = record.IdOf(value); break;
                case 10 when name.SequenceEqual("entityType"u8): entityType = record.TrimmedTextOf(value); break;
            }
        }

        return new(id, entityType, entityId, email);
    }

    /// <summary>Whether it is a user of the vendor's: its type ends in USER.</summary>
    public bool IsUser(RecordTree record)
    {
        var type = record[EntityType];
        return type.Length >= 4 && System.Text.Ascii.EqualsIgnoreCase(type[^4..], "USER"u8);
    }
}
