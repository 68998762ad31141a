using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// Compares the end of a walk with the newest record. Where that is not the last one that was read, it must be on the walk's last page, asked for
/// once more, because it may have come since: otherwise the list ends early.
/// </summary>
/// <param name="pages">The list.</param>
/// <param name="holdBack">A record that came after the walk's end is younger than this.</param>
internal sealed class ListEnd(SequencePages pages, TimeSpan holdBack)
{
    /// <summary>So many pages follow the newest record where the credential may not see it.</summary>
    private const int MostPages = 3;

    /// <summary>What stands for the last record of a page; null where none has an id.</summary>
    public static ulong? HashOfLast(VendorPage page) => page.Records.FindLastIndex(r => !r.Id.IsEmpty) is >= 0 and var i ? HashOf(page.Records[i]) : null;

    /// <summary>What contradicts the end; null = nothing does.</summary>
    /// <param name="walk">The walk; its list has ended.</param>
    /// <param name="cancellationToken">Ends every request and wait.</param>
    /// <exception cref="SourceException">The vendor cannot be read now.</exception>
    public async ValueTask<string?> ProblemAsync(CursorWalk walk, CancellationToken cancellationToken)
    {
        var position = walk.Position;
        var (reply, after) = (await pages.NewestAsync(cancellationToken), (string?)null);
        for (var i = 0; ; i++)
        {
            if (reply.Page is not { } page) return Unreadable(reply);

            using (page)
            {
                if (page.Records.FindIndex(r => !r.Id.IsEmpty) is >= 0 and var first)
                {
                    var newest = page.Records[first];
                    return HashOf(newest) == position.Last ? null : await LookAgainAsync(newest, walk, cancellationToken);
                }

                if (i == MostPages || !page.HasReadablePaging || SequencePaging.After(page.Paging) is not { } next || next == after) return null;

                after = next;
            }

            reply = await pages.GetAsync(SortOrder.NewestFirst, after, reply.Limit, cancellationToken);
        }
    }

    /// <summary>
    /// The records of the last page may have been removed since, or could not be read as JSON then: the newest one is not younger than what was
    /// read along the list.
    /// </summary>
    private static bool WasRead(PageRecord newest, CursorPosition position) =>
        newest.Time != RecordTime.Unknown && newest.Time <= position.Head?.ToUnixTimeMilliseconds();

    private async ValueTask<string?> LookAgainAsync(PageRecord newest, CursorWalk walk, CancellationToken cancellationToken)
    {
        var (position, trail, end) = (walk.Position, walk.Trail, walk.EndedAt!.Value);
        var (hash, time, wasRead) = (HashOf(newest), newest.Time, WasRead(newest, position));
        var reply = await pages.GetAsync(SortOrder.OldestFirst, trail.Cursor, trail.Limit, cancellationToken);
        if (reply.Page is not { } page) return Unreadable(reply);

        using (page)
        {
            var goesOn = page.HasReadablePaging && SequencePaging.After(page.Paging) is { } next && next != trail.Cursor;
            var last = page.Records.FindIndex(r => HashOf(r) == position.Last);
            var cameSince = (last < 0 || page.Records[(last + 1)..].TrueForAll(r => CameSince(r.Time, end)))
                && (page.Records.Exists(r => HashOf(r) == hash) || (goesOn && CameSince(time, end)) || (page.IsEmpty && wasRead));
            return cameSince ? null : "Sequence's list ends before its newest record.";
        }
    }

    private bool CameSince(long time, DateTimeOffset end) => time == RecordTime.Unknown || time >= (end - holdBack).ToUnixTimeMilliseconds();

    private static ulong HashOf(PageRecord record) => CursorTrail.HashOf(record.Id.Span);

    private static string Unreadable(PageReply reply) => reply.Failure is { ConcernsRange: true } or { Kind: FailureKind.Rejected }
        ? $"Sequence's newest record cannot be compared with the list's end: {reply.Failure.Cause}"
        : throw reply.Failure!.ToException();
}
