using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>One user as ECS wants it. (Mapping 2.1.)</summary>
internal readonly record struct Person(Text Id, Text Email, Text Name, Text Domain, Text FullName)
{
    /// <summary>No person.</summary>
    public bool IsNone => Id.IsEmpty && Name.IsEmpty && FullName.IsEmpty;

    /// <summary>
    /// An e-mail is trimmed and lower-cased, and is the name too; without an id it is also the id. What is no e-mail is a name, verbatim.
    /// </summary>
    public static Person Read(RecordTree record, Text id, Text email, Text fullName)
    {
        if (email.IsEmpty) return new(id, default, default, default, fullName);

        var address = EmailAddress.Read(record, email, out var domain);
        return address.IsEmpty
            ? new(id, default, email, default, fullName)
            : new(id.IsEmpty ? address : id, address, address, domain, fullName);
    }
}
