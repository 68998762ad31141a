using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// Compares the end of a walk with the newest records. One that is later than every record that was read must be found on the walk's last page,
/// asked for once more, because it may have come since: otherwise the list ends early.
/// </summary>
/// <remarks>Asked now and then, because a list that ends early does so every time. Not thread-safe.</remarks>
internal sealed class ListEnd(SequencePages pages, TimeProvider time)
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMinutes(5);

    /// <summary>The first of so many is compared that has a time of the past.</summary>
    private const int Newest = 10;

    /// <summary>So many pages follow the first where that has none.</summary>
    private const int MostPages = 3;

    private long? _asked;

    /// <summary>What contradicts the end; null = nothing does.</summary>
    /// <param name="position">Where the source stands after the walk.</param>
    /// <param name="trail">The walk.</param>
    /// <param name="cancellationToken">Ends every request and wait.</param>
    /// <exception cref="SourceException">The vendor cannot be read now.</exception>
    public async ValueTask<string?> ProblemAsync(CursorPosition position, CursorTrail trail, CancellationToken cancellationToken)
    {
        if (_asked is { } last && time.GetElapsedTime(last) < AskEvery) return null;

        var problem = await FindProblemAsync(position, trail, cancellationToken);
        _asked = problem is null ? time.GetTimestamp() : null;
        return problem;
    }

    private async ValueTask<string?> FindProblemAsync(CursorPosition position, CursorTrail trail, CancellationToken cancellationToken)
    {
        var (reply, after) = (await pages.NewestAsync(Newest, cancellationToken), (string?)null);
        for (var i = 0; ; i++)
        {
            if (reply.Page is not { } page) return Unreadable(reply);

            using (page)
            {
                if (PageTimes.NewestPast(page) is { } newest)
                {
                    return newest.Time <= (position.Head?.ToUnixTimeMilliseconds() ?? long.MinValue)
                        ? null
                        : await LookAgainAsync(newest.Id.ToArray(), trail, cancellationToken);
                }

                if (i == MostPages || !page.HasReadablePaging || SequencePaging.After(page.Paging) is not { } next || next == after) return null;

                after = next;
            }

            reply = await pages.GetAsync(SortOrder.NewestFirst, after, reply.Limit, cancellationToken);
        }
    }

    private async ValueTask<string?> LookAgainAsync(byte[] id, CursorTrail trail, CancellationToken cancellationToken)
    {
        var reply = await pages.GetAsync(SortOrder.OldestFirst, trail.Cursor, trail.Limit, cancellationToken);
        if (reply.Page is not { } page) return Unreadable(reply);

        using (page)
        {
            var goesOn = page.HasReadablePaging && SequencePaging.After(page.Paging) is { } next && next != trail.Cursor;
            return goesOn || page.Records.Exists(r => r.Id.Span.SequenceEqual(id)) ? null : "Sequence's list ends before its newest record.";
        }
    }

    private static string Unreadable(PageReply reply) => reply.Failure is { ConcernsRange: true } or { Kind: FailureKind.Rejected }
        ? $"Sequence's newest records cannot be compared with the list's end: {reply.Failure.Cause}"
        : throw reply.Failure!.ToException();
}
