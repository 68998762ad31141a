using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>
/// What changed of the user that was acted upon, as it is afterwards: e-mail, its domain, and name only, and only out of a pair of before and after.
/// (Mapping 2.1.)
/// </summary>
internal readonly record struct UserChanges(Text Email, Text Name, Text FullName, Text Domain)
{
    public static UserChanges Read(RecordTree record, in Person target, int changes, int before, int after)
    {
        var email = After(record, changes, before, after, "email"u8);
        var fullName = After(record, changes, before, after, "name"u8);
        if (email.IsEmpty) return new(default, default, fullName, default);

        var address = EmailAddress.Read(record, email, out var domain);
        return new(address, address.IsEmpty ? email : address, fullName, record[domain].SequenceEqual(record[target.Domain]) ? default : domain);
    }

    private static Text After(RecordTree record, int changes, int before, int after, ReadOnlySpan<byte> attribute)
    {
        var change = record.Find(changes, attribute);
        var (was, now) = (record.Find(change, "before"u8), record.Find(change, "after"u8));
        if (change >= 0 && record.Nodes[change].Kind == NodeKind.Array)
        {
            // [before, after]
            was = change + 1 < record.Nodes[change].Next ? change + 1 : -1;
            now = was >= 0 && record.Nodes[was].Next < record.Nodes[change].Next ? record.Nodes[was].Next : -1;
        }

        if (was < 0 || now < 0) (was, now) = (record.Find(before, attribute), record.Find(after, attribute));

        return was >= 0 && now >= 0 && !record[record.TextOf(was)].SequenceEqual(record[record.TextOf(now)]) ? record.TextOf(now) : default;
    }
}
