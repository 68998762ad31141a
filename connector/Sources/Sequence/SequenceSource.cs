using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Sources.Sequence;

/// <summary>
/// The activity logs that one Sequence credential sees, read from the oldest with opaque cursors. The position moves past a page only
/// when everything on it was older than the hold-back at the moment it was read; what is younger is published at once and read again.
/// </summary>
/// <remarks>Nothing is lost that becomes visible within the hold-back of its creation. Cursors are never logged. Not thread-safe.</remarks>
public sealed class SequenceSource : IActivitySource, IDisposable
{
    private const string Path = "activity-logs";
    private const string Ascending = "ASC";

    private const int Fallbacks = 3;
    private const int RepeatsBeforeWarning = 3;

    /// <summary>The pages of a unit while the position stands still, and the least that is worth a commit of its own.</summary>
    private const int LivePages = 10;

    private const int MaxPages = 50;
    private const int MaxRecords = 1_500;
    private const long MaxBytes = 32 * 1024 * 1024;

    private static readonly PageShape Shape = new(
        "items"u8.ToArray(), "pagination"u8.ToArray(), SequencePaging.Check, null, "createdAt"u8.ToArray(), "sequenceAccountId"u8.ToArray());

    private readonly SequenceOptions _options;
    private readonly VendorClient _client;
    private readonly ILogger _logger;
    private readonly ActivityUnit _unit = new("sequence");
    private int _repeats;
    private bool _toldOfTimes;

    /// <param name="options">Validated.</param>
    /// <param name="handler">What sends the requests; disposed with the source.</param>
    /// <param name="time">For delays and, where the vendor sends no Date, for the present.</param>
    /// <param name="random">For jitter.</param>
    /// <param name="logger">Sees no credential and no cursor.</param>
    public SequenceSource(SequenceOptions options, HttpMessageHandler handler, TimeProvider time, Random random, ILogger logger)
    {
        var (id, key) = (options.Id, options.Key);
        _options = options;
        _logger = logger;
        _client = new VendorClient(
            new Vendor
            {
                Name = "Sequence",
                Section = "Sources:Sequence",
                BaseUrl = VendorAddress.Parse(options.BaseUrl),
                Authorization = () => new AuthenticationHeaderValue(
                    "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id.Current()}:{key.Current()}"))),
                VersionHeader = "Sequence-Version",
                Version = options.ApiVersion,
                RequestsPerMinute = options.RequestsPerMinute,
                ErrorCode = SequenceErrors.Code,
                Explain = SequenceErrors.Explain,
            },
            handler,
            time,
            random,
            logger);
    }

    public string Name => "sequence";

    public DateTimeOffset Present => _client.Clock.Now;

    /// <summary>The source on the real network.</summary>
    public static SequenceSource Create(SequenceOptions options, TimeProvider time, Random random, ILoggerFactory loggers) =>
        new(options, VendorClient.NewHandler(), time, random, loggers.CreateLogger<SequenceSource>());

    public async ValueTask<SourceIdentity> IdentifyAsync(CancellationToken cancellationToken)
    {
        var reply = await GetAsync(Ascending, limit: 1, after: null, cancellationToken);
        if (reply.Failure is { Kind: FailureKind.Unreadable } failure)
        {
            throw new SourceRefusedException(
                "The address in Sources:Sequence:BaseUrl answers, but not with activity logs (JSON with items and pagination).",
                "Set Sources:Sequence:BaseUrl to the API's address, which ends in /api, such as https://eu.sequencehq.com/api.",
                failure.ToException());
        }

        reply.OrThrow().Dispose();
        return new SourceIdentity
        {
            Account = string.IsNullOrWhiteSpace(_options.Account) ? "default" : _options.Account.Trim(),
            ClockAhead = _client.Clock.Ahead,
        };
    }

    public ValueTask<int> ProbeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public async IAsyncEnumerable<ActivityBatch> ReadAsync(Checkpoint? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = PositionOf(from);
        var filter = new NotBefore(position.BackfillFrom * 1000 ?? long.MinValue);
        var loop = new CursorLoop();
        VendorPage? first;
        (first, position) = await FirstPageAsync(position, cancellationToken);
        var cursor = position.After;
        var mayCommit = true;
        while (true)
        {
            _unit.Clear();
            var start = position;
            var end = UnitEnd.Full;
            Failure? failure = null;
            while (!IsFull(mayCommit))
            {
                var reply = first is null ? await GetAsync(Ascending, _options.PageSize, cursor, cancellationToken) : new(first, null);
                first = null;
                if (reply.Value is not { } page)
                {
                    (end, failure) = (UnitEnd.Failed, reply.Failure);
                    break;
                }

                var (age, newest) = HoldBack.Of(page, _options.HoldBack);
                var next = SequencePaging.After(page.Paging);
                var isTail = IsTail(page, next, cursor);
                Add(page, filter);
                position = position with { Head = Later(position.Head, newest) };
                if (isTail)
                {
                    end = UnitEnd.Tail;
                    break;
                }

                // One page that is not old stops the position for the rest of this read: it never jumps over anything.
                mayCommit &= age == PageAge.Old;
                if (age == PageAge.Unknown) TellOfTimes();
                if (mayCommit) position = MovedTo(position, next!);
                if (loop.Closes(next!)) (end, failure) = (UnitEnd.Failed, Endless);
                cursor = next;
                if (end == UnitEnd.Failed) break;
            }

            var far = position.After != start.After && (end == UnitEnd.Full || _unit.Pages >= LivePages);

            // What came before a failure is published: a walk with errors gets on, too.
            if (_unit.Pages > 0) yield return _unit.Build(position, far);
            if (failure is not null) throw Mended(failure).ToException();
            if (end == UnitEnd.Tail) yield break;
        }
    }

    public async IAsyncEnumerable<ActivityBatch> SweepAsync(
        Checkpoint current, SweepRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (oldest, newest) = (run.From * 1000, run.To * 1000);
        var filter = new Between(oldest, newest);

        // Pages are in the order of creation, which times follow only roughly: go on past the end by the hold-back.
        var stop = oldest - (long)_options.HoldBack.TotalMilliseconds;
        var loop = new CursorLoop();
        string? cursor = null;
        for (var more = true; more;)
        {
            _unit.Clear();
            while (more && !IsFull(mayCommit: true))
            {
                var page = (await GetAsync("DESC", _options.PageSize, cursor, cancellationToken)).OrThrow();
                var next = SequencePaging.After(page.Paging);
                more = !IsTail(page, next, cursor) && !page.Records.Exists(r => r.Time != RecordTime.Unknown && r.Time < stop);
                Add(page, filter);
                if (more && loop.Closes(next!)) throw Endless.ToException();
                cursor = next;
            }

            _unit.Reverse();
            yield return _unit.Build(current.Position, movesFar: false, sweep: run);
        }
    }

    public void Dispose() => _client.Dispose();

    private CursorPosition PositionOf(Checkpoint? from) => from is null
        ? new CursorPosition
        {
            After = null,
            Limit = _options.PageSize,
            BackfillFrom = StartAt.Parse(_options.StartAt, _client.Clock.Now, "Sources:Sequence")?.ToUnixTimeSeconds(),
        }
        : from.Cursor ?? throw new SourceRefusedException(
            "The checkpoint of this Sequence account is not one of cursors.",
            "Reset it with 'checkpoint reset', or import the right one.");

    /// <summary>The page after the stored cursor, or after an older one where the vendor refuses it; never after a newer one.</summary>
    private async ValueTask<(VendorPage Page, CursorPosition Position)> FirstPageAsync(CursorPosition position, CancellationToken cancellationToken)
    {
        while (true)
        {
            var reply = await GetAsync(Ascending, _options.PageSize, position.After, cancellationToken);
            if (reply.Failure is not { Kind: FailureKind.Rejected } || position.After is null) return (reply.OrThrow(), position);

            if (position.Days.Count > 0)
            {
                SourceLog.CursorRefused(_logger, "Sequence", position.Days.Count);
                position = position with { After = position.Days[0].After, Days = [.. position.Days.Skip(1)] };
            }
            else
            {
                SourceLog.CursorsLost(_logger, "Sequence");
                position = position with { After = null };
            }
        }
    }

    private ValueTask<Reply<VendorPage>> GetAsync(string sort, int limit, string? after, CancellationToken cancellationToken) =>
        _client.GetPageAsync(
            Path,
            string.Create(CultureInfo.InvariantCulture, $"sortOrder={sort}&limit={limit}") + (after is null ? "" : "&after=" + Uri.EscapeDataString(after)),
            Shape,
            cancellationToken);

    private void Add<TFilter>(VendorPage page, TFilter filter)
        where TFilter : struct, IRecordFilter
    {
        var broken = page.Broken.Count;
        _unit.Add(page, $"sequence {Path}", filter);
        if (broken > 0) SourceLog.BrokenRecords(_logger, "Sequence", broken);
    }

    private bool IsTail(VendorPage page, string? next, string? cursor)
    {
        if (next is not null && next == cursor)
        {
            if (++_repeats % RepeatsBeforeWarning == 0) SourceLog.CursorRepeated(_logger, "Sequence", _repeats);
            return true;
        }

        _repeats = 0;
        return next is null || page.IsEmpty;
    }

    private bool IsFull(bool mayCommit) =>
        _unit.Pages >= (mayCommit ? MaxPages : LivePages) || _unit.Records >= MaxRecords || _unit.Bytes >= MaxBytes;

    private void TellOfTimes()
    {
        if (_toldOfTimes) return;

        _toldOfTimes = true;
        SourceLog.NoTimes(_logger, "Sequence");
    }

    private static CursorPosition MovedTo(CursorPosition position, string cursor) => position with
    {
        After = cursor,
        Days = position.After is null ? position.Days : [.. position.Days.Prepend(new DayCursor(position.After, 0, 0)).Take(Fallbacks)],
    };

    private static DateTimeOffset? Later(DateTimeOffset? head, long newest)
    {
        if (newest == RecordTime.Unknown) return head;

        var time = DateTimeOffset.FromUnixTimeMilliseconds(newest);
        return head > time ? head : time;
    }

    /// <summary>A cursor that was given a moment ago and is refused: the next read starts at the stored one and falls back from there.</summary>
    private static Failure Mended(Failure failure) => failure.Kind == FailureKind.Rejected
        ? failure with { Kind = FailureKind.Unavailable, Cause = "Sequence refused a cursor that it gave a moment ago." }
        : failure;

    private static Failure Endless { get; } = new(
        FailureKind.Unreadable,
        200,
        "Sequence's cursors lead back to a page that was read: the list has no end.",
        "It is read again at the next firing; if it stays so, report it to Sequence.");

    private enum UnitEnd
    {
        Full,
        Tail,
        Failed,
    }

    /// <summary>There is no filter by time at the vendor: what is before the configured start is left out here.</summary>
    private readonly struct NotBefore(long start) : IRecordFilter
    {
        public bool Takes(in PageRecord record) => record.Time == RecordTime.Unknown || record.Time >= start;
    }

    private readonly struct Between(long oldest, long newest) : IRecordFilter
    {
        public bool Takes(in PageRecord record) => record.Time == RecordTime.Unknown || (record.Time >= oldest && record.Time <= newest);
    }
}
