using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>
/// Finds the user that was acted upon in an Intercom record's metadata. Attributes are never mixed from two places. (Mapping 3.3.)
/// </summary>
internal static class IntercomTarget
{
    /// <summary>Whether activities of this name act upon a user.</summary>
    public static bool IsNamedBy(string action) => action switch
    {
        "admin_deletion" or "admin_deprovisioned" or "admin_provisioned" or "admin_permission_change" or "admin_two_factor_auth_change"
            or "seat_change" or "seat_revoke" or "app_team_membership_modification" => true,
        _ => action.StartsWith("admin_invite_", StringComparison.Ordinal)
            || action.StartsWith("admin_impersonation_", StringComparison.Ordinal)
            || action.StartsWith("admin_password_reset_", StringComparison.Ordinal)
            || IsAssignmentLimit(action),
    };

    /// <summary>The user, with no text at all if the metadata names none.</summary>
    public static Person Read(RecordTree record, int metadata)
    {
        for (var place = 0; place < 6; place++)
        {
            var node = record.Find(metadata, place switch
            {
                0 => "admin"u8,
                1 => "teammate"u8,
                2 => "invitee"u8,
                3 => "invite"u8,
                4 => "target_admin"u8,
                _ => "user"u8,
            });
            var person = OfContainer(record, node);
            if (!person.IsNone) return person;
        }

        var id = First(
            record.IdOf(record.Find(metadata, "admin_id"u8)), record.IdOf(record.Find(metadata, "teammate_id"u8)),
            record.IdOf(record.Find(metadata, "user_id"u8)));
        var email = First(
            Scalar(record, metadata, "admin_email"u8), Scalar(record, metadata, "teammate_email"u8), Scalar(record, metadata, "invitee_email"u8),
            Scalar(record, metadata, "invite_email"u8), Scalar(record, metadata, "email"u8));
        var name = First(Scalar(record, metadata, "admin_name"u8), Scalar(record, metadata, "teammate_name"u8));
        return Person.Read(record, id, email, name);
    }

    private static Person OfContainer(RecordTree record, int node)
    {
        if (record.IsObject(node))
        {
            var name = Scalar(record, node, "name"u8);
            return Person.Read(
                record, record.IdOf(record.Find(node, "id"u8)), Scalar(record, node, "email"u8), name.IsEmpty ? FirstAndLast(record, node) : name);
        }

        return node >= 0 && record.Nodes[node].Kind == NodeKind.String && record[record.TextOf(node)].Contains((byte)'@')
            ? Person.Read(record, default, record.TextOf(node), default)
            : default;
    }

    private static Text FirstAndLast(RecordTree record, int node)
    {
        var first = Scalar(record, node, "first_name"u8);
        var last = Scalar(record, node, "last_name"u8);
        if (first.IsEmpty || last.IsEmpty) return first.IsEmpty ? last : first;

        var room = record.Room(first.Length + 1 + last.Length);
        record[first].CopyTo(room);
        room[first.Length] = (byte)' ';
        record[last].CopyTo(room[(first.Length + 1)..]);
        return record.Commit(room.Length);
    }

    private static Text Scalar(RecordTree record, int node, ReadOnlySpan<byte> name) => record.NonBlankTextOf(record.Find(node, name));

    private static Text First(params ReadOnlySpan<Text> texts)
    {
        foreach (var text in texts)
        {
            if (!text.IsEmpty) return text;
        }

        return default;
    }

    private static bool IsAssignmentLimit(string action)
    {
        const string Start = "admin_", End = "_assignment_limit_change";
        return action.Length >= Start.Length + End.Length
            && action.StartsWith(Start, StringComparison.Ordinal) && action.EndsWith(End, StringComparison.Ordinal);
    }
}
