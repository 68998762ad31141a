using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>
/// What changed of the user that was acted upon, as it is afterwards: e-mail, its domain, and name only, and only out of a pair of before and after.
/// (Mapping 2.1.)
/// </summary>
internal readonly record struct UserChanges(Text Email, Text FullName, Text Domain)
{
    public static UserChanges Read(RecordTree record, int changes, int before, int after)
    {
        var fullName = Pair(record, changes, before, after, "name"u8).Now;
        var (was, now) = Pair(record, changes, before, after, "email"u8);
        var old = EmailAddress.Read(record, was, out var oldDomain);
        var email = EmailAddress.Read(record, now, out var domain);
        return email.IsEmpty || record[email].SequenceEqual(record[old])
            ? new(default, fullName, default)
            : new(email, fullName, record[domain].SequenceEqual(record[oldDomain]) ? default : domain);
    }

    /// <summary>Two texts that differ: the attribute's own change, or else what <c>before</c> and <c>after</c> have; none without both.</summary>
    private static (Text Was, Text Now) Pair(RecordTree record, int changes, int before, int after, ReadOnlySpan<byte> attribute)
    {
        var change = record.Find(changes, attribute);
        var (was, now) = (record.Find(change, "before"u8), record.Find(change, "after"u8));
        if (change >= 0 && record.Nodes[change].Kind == NodeKind.Array)
        {
            // [before, after]
            was = change + 1 < record.Nodes[change].Next ? change + 1 : -1;
            now = was >= 0 && record.Nodes[was].Next < record.Nodes[change].Next ? record.Nodes[was].Next : -1;
        }

        var (old, present) = (record.NonBlankTextOf(was), record.NonBlankTextOf(now));
        if (old.IsEmpty || present.IsEmpty)
        {
            (old, present) = (record.NonBlankTextOf(record.Find(before, attribute)), record.NonBlankTextOf(record.Find(after, attribute)));
        }

        return old.IsEmpty || present.IsEmpty || record[old].SequenceEqual(record[present]) ? default : (old, present);
    }
}
