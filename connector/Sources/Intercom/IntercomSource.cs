using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>
/// The admin activity logs of one Intercom workspace, read by closed time windows: both bounds sent, the end before the present. Each read
/// begins before the watermark by the lookback.
/// </summary>
/// <remarks>
/// Nothing is lost that becomes visible within lookback + settle of its own time. A range that cannot be shown complete is kept in the
/// checkpoint and read again. Not thread-safe.
/// </remarks>
public sealed class IntercomSource : IActivitySource, IDisposable
{
    /// <summary>Intercom's first year: no record can be older.</summary>
    public static readonly DateTimeOffset Beginning = new(2011, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const long ProbeSeconds = 3600;

    /// <summary>So far a watermark moves without a commit.</summary>
    private const long FarSeconds = 3600;

    /// <summary>So many windows without a commit are too much work to do again.</summary>
    private const int FarWindows = 100;

    /// <summary>The vendor's Date has whole seconds, so the present may seem to step back by this much.</summary>
    private const long ClockGrain = 2;

    /// <summary>A present that is further behind is a wrong clock, and a nearer one may be: it decides only the text of the fix.</summary>
    private static readonly TimeSpan ShortStepBack = TimeSpan.FromMinutes(10);
    private static readonly TimeWindow Nowhere = new(1, 0);

    private readonly IntercomOptions _options;
    private readonly Uri _baseUrl;
    private readonly VendorClient _client;
    private readonly IntercomPages _pages;
    private readonly IntercomRange _range;

    /// <summary>For what is read again, or late: the past may have other widths than the present.</summary>
    private readonly IntercomRange _past;
    private readonly ILogger _logger;
    private readonly long _maxSpan;
    private readonly long _lookback;
    private readonly long _settle;
    private bool _loggedStart;

    /// <param name="options">Validated.</param>
    /// <param name="handler">What sends the requests; disposed with the source.</param>
    /// <param name="time">For delays and the host's part of the present.</param>
    /// <param name="random">For jitter.</param>
    /// <param name="logger">Sees no credential and no query.</param>
    public IntercomSource(IntercomOptions options, HttpMessageHandler handler, TimeProvider time, Random random, ILogger logger)
    {
        var token = options.Token;
        _options = options;
        _baseUrl = VendorAddress.Parse(options.BaseUrl);
        _logger = logger;
        _maxSpan = options.MaxSpanSeconds;
        _lookback = options.LookbackSeconds;
        _settle = options.SettleSeconds;
        _client = new VendorClient(
            new VendorApi
            {
                Name = "Intercom",
                Section = "Sources:Intercom",
                BaseUrl = _baseUrl,
                Authorization = () => new AuthenticationHeaderValue("Bearer", token.Current()),
                VersionHeader = "Intercom-Version",
                Version = options.ApiVersion,
                ErrorCode = IntercomErrors.Code,
                MoveOn = IntercomErrors.MoveOn,
                Explain = (status, code) => IntercomErrors.Explain(status, code, token),
            },
            handler,
            time,
            random,
            logger);
        _pages = new IntercomPages(_client, options.PageSize);
        var windows = new IntercomWindows(_pages, logger);
        _range = new IntercomRange(_pages, windows, _maxSpan, _settle, options.Concurrency, logger);
        _past = new IntercomRange(_pages, windows, _maxSpan, _settle, options.Concurrency, logger);
    }

    public string Name => "intercom";

    /// <inheritdoc/>
    public Quota? Quota => _client.Quota;

    /// <inheritdoc/>
    public bool HasNewCredential => _client.HasNewCredential;

    /// <inheritdoc/>
    public DateTimeOffset Present => _client.Clock.Now;

    public SourceClockException? ClockContradiction => _client.Clock.ContradictionOf("Intercom");

    /// <summary>The source on the real network.</summary>
    public static IntercomSource Create(IntercomOptions options, TimeProvider time, Random random, ILoggerFactory loggers) =>
        new(options, VendorClient.NewHandler(time), time, random, loggers.CreateLogger<IntercomSource>());

    public async ValueTask<SourceIdentity> IdentifyAsync(CancellationToken cancellationToken)
    {
        var reply = await _client.GetJsonAsync("me", IntercomWorkspace.Read, cancellationToken);
        var account = string.IsNullOrWhiteSpace(_options.Account) ? null : _options.Account.Trim();
        if (reply.Failure is { Kind: FailureKind.Refused, Status: 403 or 404 } refused && account is not null)
        {
            SourceLog.WorkspaceUnchecked(_logger, "Intercom", refused.Status, account);
            return new SourceIdentity
            {
                Account = account,
                OrganizationId = account,
                Unchecked = $"Intercom does not show whose the access token is (HTTP status {refused.Status})",
                ClockAhead = _client.Clock.Ahead,
            };
        }

        var workspace = reply.OrThrow();
        CheckRegion(workspace);
        if (workspace.Id is not null && !SourceKey.IsName(workspace.Id))
        {
            throw new SourceRefusedException(
                "Intercom names the workspace in a way that cannot be the name of an account: at most 64 letters, digits, '.', '-' and '_'.",
                "Check that Sources:Intercom:BaseUrl is Intercom's own address; if it is, report it to Intercom.");
        }

        if (account is not null && workspace.Id is not null && account != workspace.Id)
        {
            throw new SourceRefusedException(
                $"The access token belongs to the workspace '{workspace.Id}', but Sources:Intercom:Account is '{account}'.",
                $"Set Sources:Intercom:Account to '{workspace.Id}', or put a token of '{account}' into {_options.Token.Place}.");
        }

        var id = workspace.Id ?? account ?? throw new SourceRefusedException(
            "Intercom does not report which workspace the access token belongs to.",
            "Set Sources:Intercom:Account to the workspace's id.");
        return new SourceIdentity { Account = id, OrganizationId = id, OrganizationName = workspace.Name, ClockAhead = _client.Clock.Ahead };
    }

    public async ValueTask<int> ProbeAsync(CancellationToken cancellationToken)
    {
        var lastHour = new TimeWindow(_pages.Now - ProbeSeconds, _pages.Now);
        using var page = (await _pages.FirstAsync(lastHour, VendorClient.MaxAttempts, cancellationToken)).OrThrow();
        return page.Count;
    }

    public async IAsyncEnumerable<ActivityBatch> ReadAsync(Checkpoint? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = from is null ? (WindowPosition)_options.FirstPosition(_pages.Present) : PositionOf(from);
        if (from is not null)
        {
            await CheckClockAsync(position.Watermark, cancellationToken);
            LogOnceEarlierStart(position);
        }

        _client.Clock.Begin();
        _range.Begin(position);
        var (committed, windows) = (from is null ? (long?)null : position.Watermark, 0);

        // The overlap is read although nothing lies beyond it: "up to date" covers what became visible late, too.
        var live = _range.LastSecond > position.Watermark - _lookback
            ? new TimeWindow(Math.Max(position.Watermark - _lookback, position.BackfillFrom), _range.LastSecond)
            : Nowhere;
        var isStopped = false;
        IReadOnlyList<SuspectRange> suspects = position.Suspects;
        foreach (var part in SuspectRanges.Between(live, position.Suspects).TakeWhile(_ => !isStopped))
        {
            await foreach (var piece in _range.ReadAsync(part, cancellationToken))
            {
                // Not beyond the present of its first request, by whatever clock the end was chosen.
                var reached = Math.Max(position.Watermark, Math.Min(piece.Window.To, piece.AsOf - _settle));
                suspects = After(position, piece, tries: 1).Suspects;
                isStopped = piece.Failure is not null && SuspectRanges.AreTooMany(suspects);
                if (isStopped) break;

                var needsCommit = piece.Failure is not null || ++windows >= FarWindows
                    || (piece.Window.To < live.To
                        ? piece.Batch.Records > 0 && reached > position.Watermark
                        : committed is null || reached - committed >= FarSeconds);
                position = position with
                {
                    Suspects = suspects,
                    Watermark = reached,
                    SpanSeconds = Math.Min(_range.Width, _maxSpan),
                    LookbackSeconds = _lookback,
                    SettleSeconds = _settle,
                    FailedSpanSeconds = _range.FailedWidth,
                    FailedAt = _range.FailedAt,
                };
                if (needsCommit) (committed, windows) = (reached, 0);
                piece.Batch.Sort();
                yield return piece.Batch.Build(position, needsCommit);

                // An answer from before the window's end, from a cache perhaps: the next window would move the watermark over what it does not show.
                isStopped = reached < piece.Window.To;
                if (isStopped) break;
            }
        }

        // Nothing at all was found: that, too, is worth remembering.
        if (committed is null) yield return new BatchBuilder("intercom").Build(position, needsCommit: true);

        foreach (var suspect in SuspectRanges.Open(position.Suspects).Where(s => s.NextAt <= _pages.Now))
        {
            await foreach (var piece in _range.ReadAsync(new TimeWindow(suspect.From, suspect.To), cancellationToken))
            {
                position = After(position, piece, suspect.Tries + 1);
                piece.Batch.Sort();
                yield return piece.Batch.Build(position, needsCommit: true);
            }
        }

        if (ClockContradiction is { } contradiction) throw contradiction;
        if (isStopped) SuspectRanges.ThrowIfTooMany(suspects, Name);
        SuspectRanges.ThrowIfAny(position.Suspects, Name);
    }

    public IAsyncEnumerable<ActivityBatch> SweepAsync(Checkpoint current, SweepRun run, CancellationToken cancellationToken) =>
        ReadAgainAsync(current, run, notBefore: PositionOf(current).BackfillFrom, PositionOf(current).Suspects, cancellationToken);

    public async IAsyncEnumerable<ActivityBatch> ReadRangeAsync(
        Checkpoint current, SweepRun run, Func<bool> canWait, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _client.CanWait = canWait;
        try
        {
            // An operator who asks for the time of an accepted gap wants it read.
            var leftOut = SuspectRanges.Open(PositionOf(current).Suspects).ToList();
            await foreach (var batch in ReadAgainAsync(current, run, notBefore: run.From, leftOut, cancellationToken)) yield return batch;
        }
        finally
        {
            _client.CanWait = null;
        }
    }

    public void Dispose() => _client.Dispose();

    private async IAsyncEnumerable<ActivityBatch> ReadAgainAsync(
        Checkpoint current, SweepRun run, long notBefore, IReadOnlyList<SuspectRange> leftOut, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _client.Clock.Begin();
        var position = PositionOf(current);
        _past.Begin(position);
        var range = new TimeWindow(Math.Max((run.At + 1) ?? run.From, notBefore), run.To);
        foreach (var part in SuspectRanges.Between(range, leftOut))
        {
            await foreach (var piece in _past.ReadAsync(part, cancellationToken))
            {
                position = After(position, piece, tries: 1);
                if (piece.Failure is not null) SuspectRanges.ThrowIfTooMany(position.Suspects, Name);
                piece.Batch.Sort();
                yield return piece.Batch.Build(position, needsCommit: false, sweep: run with { At = piece.Window.To });
            }
        }

        if (_past.LastSecond < run.To - ClockGrain)
        {
            throw new SourceClockException(
                $"The present ({_pages.Present:u}) is before the end of the sweep ({DateTimeOffset.FromUnixTimeSeconds(run.To):u}).",
                "Set the host's clock; the sweep continues when the present has reached its end.");
        }
    }

    private static WindowPosition PositionOf(Checkpoint from) => from.Window ?? throw new SourceRefusedException(
        "The checkpoint of this Intercom account is not one of time windows.",
        "Reset it with 'checkpoint reset', or import the right one.");

    /// <summary>The second from which on records are read.</summary>
    internal static long StartOf(DateTimeOffset? configured) => Math.Max((configured ?? Beginning).ToUnixTimeSeconds(), 1);

    private void LogOnceEarlierStart(WindowPosition position)
    {
        if (_loggedStart || !StartAt.TryParse(_options.StartAt, _pages.Present, out var configured, out _)) return;
        if (StartOf(configured) is var start && start >= position.BackfillFrom) return;

        _loggedStart = true;
        SourceLog.EarlierStart(
            _logger, "Intercom", DateTimeOffset.FromUnixTimeSeconds(start), DateTimeOffset.FromUnixTimeSeconds(position.BackfillFrom),
            "To read what is older, use 'backfill start --source intercom'.");
    }

    /// <summary>The position with what a piece shows of the suspect ranges.</summary>
    private WindowPosition After(WindowPosition position, IntercomRange.Piece piece, int tries) => position with
    {
        Suspects = piece.Failure is { } failure
            ? SuspectRanges.With(position.Suspects, piece.Window, failure.Cause, tries, _pages.Now)
            : SuspectRanges.Without(position.Suspects, piece.Window),
    };

    /// <exception cref="SourceClockException">The present is before the watermark, which no present has ever been behind.</exception>
    private async ValueTask CheckClockAsync(long watermark, CancellationToken cancellationToken)
    {
        if (_pages.Now >= watermark - ClockGrain) return;

        // An earlier answer may have had a wrong date; the next one decides.
        (await _pages.FirstAsync(new TimeWindow(watermark, watermark), VendorClient.MaxAttempts, cancellationToken)).OrThrow().Dispose();
        if (_pages.Now >= watermark - ClockGrain) return;

        var present = _pages.Present;
        var reached = DateTimeOffset.FromUnixTimeSeconds(watermark);
        throw new SourceClockException(
            $"The present ({present:u}, the earlier of this host's clock and Intercom's) is before the time up to which records were read ({reached:u}).",
            reached - present <= ShortStepBack
                ? "Nothing is read until the present has reached it; if that does not happen, set the host's clock."
                : $"Set the host's clock if it is wrong; if the position is wrong, set it with 'checkpoint set {Name} --watermark'.");
    }

    private void CheckRegion(IntercomWorkspace workspace)
    {
        if (workspace.Region is not { } region || IntercomWorkspace.RegionOf(_baseUrl) is not { } configured) return;
        if (region.Equals(configured, StringComparison.OrdinalIgnoreCase) || IntercomWorkspace.AddressOf(region) is not { } address) return;

        throw new SourceRefusedException(
            $"The workspace is in Intercom's region {region.ToUpperInvariant()}, but Sources:Intercom:BaseUrl is the address of {configured}.",
            $"Set Sources:Intercom:BaseUrl to {address}.");
    }
}
