using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>Finds the e-mail addresses among the texts of metadata, at any depth. (Mapping 2, <c>related.user</c>.)</summary>
/// <param name="isHidden">A privacy rule hides metadata: nothing of it may be in another field.</param>
internal sealed class MetadataUsers(RecordTree record, bool isHidden)
{
    private const int MaxUsers = 20;

    private readonly Members _members = new(record);
    private int _room;

    /// <summary>Adds at most 20 addresses that are not among the users yet, in the order of the record.</summary>
    public void AddTo(DistinctTexts users, int metadata)
    {
        if (isHidden || metadata < 0 || !record.RawOf(metadata).ContainsAny((byte)'@', (byte)'\\')) return;

        _room = MaxUsers;
        Walk(users, metadata);
    }

    private void Walk(DistinctTexts users, int node)
    {
        switch (record.Nodes[node].Kind)
        {
            case NodeKind.Object:
                _members.MarkShadowed(node);
                var members = record.MembersOf(node);
                while (members.MoveNext())
                {
                    if (!members.IsShadowed) Walk(users, members.Current);
                }

                break;
            case NodeKind.Array:
                for (var i = node + 1; i < record.Nodes[node].Next; i = record.Nodes[i].Next) Walk(users, i);

                break;
            case NodeKind.String when _room > 0:
                if (users.Add(EmailAddress.InFreeText(record, record.TextOf(node)))) _room--;

                break;
        }
    }
}
