using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Sources.Intercom;

/// <summary>
/// The admin activity logs of one Intercom workspace, read by closed time windows: both bounds sent, the end before the present, so that
/// the set of pages stands still while it is walked. Each window overlaps the last by the lookback.
/// </summary>
/// <remarks>
/// Nothing is lost that becomes visible within lookback + settle of its own time. The time of windows is the vendor's (its Date header),
/// never the host's. Not thread-safe.
/// </remarks>
public sealed class IntercomSource : IActivitySource, IDisposable
{
    /// <summary>Intercom's first year: no record can be older.</summary>
    public static readonly DateTimeOffset Beginning = new(2011, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const long FarSeconds = 3600;

    private readonly IntercomOptions _options;
    private readonly Uri _baseUrl;
    private readonly VendorClient _client;
    private readonly IntercomWindows _windows;
    private readonly ILogger _logger;
    private readonly long _maxSpan;
    private readonly long _lookback;
    private readonly long _settle;
    private long? _span;

    /// <param name="options">Validated.</param>
    /// <param name="handler">What sends the requests; disposed with the source.</param>
    /// <param name="time">For delays and, until the vendor has answered once, for the present.</param>
    /// <param name="random">For jitter.</param>
    /// <param name="logger">Sees no credential and no query.</param>
    public IntercomSource(IntercomOptions options, HttpMessageHandler handler, TimeProvider time, Random random, ILogger logger)
    {
        var token = options.Token;
        _options = options;
        _baseUrl = VendorAddress.Parse(options.BaseUrl);
        _logger = logger;
        _maxSpan = (long)options.MaxWindow.TotalSeconds;
        _lookback = (long)Math.Ceiling(options.Lookback.TotalSeconds);
        _settle = (long)Math.Ceiling(options.Settle.TotalSeconds);
        _client = new VendorClient(
            new Vendor
            {
                Name = "Intercom",
                Section = "Sources:Intercom",
                BaseUrl = _baseUrl,
                Authorization = () => new AuthenticationHeaderValue("Bearer", token.Current()),
                VersionHeader = "Intercom-Version",
                Version = options.ApiVersion,
                ErrorCode = IntercomErrors.Code,
                Explain = IntercomErrors.Explain,
            },
            handler,
            time,
            random,
            logger);
        _windows = new IntercomWindows(_client, options.PageSize, _settle, logger);
    }

    public string Name => "intercom";

    public DateTimeOffset Present => _client.Clock.Now;

    /// <summary>The source on the real network.</summary>
    public static IntercomSource Create(IntercomOptions options, TimeProvider time, Random random, ILoggerFactory loggers) =>
        new(options, VendorClient.NewHandler(), time, random, loggers.CreateLogger<IntercomSource>());

    public async ValueTask<SourceIdentity> IdentifyAsync(CancellationToken cancellationToken)
    {
        var reply = await _client.GetJsonAsync("me", IntercomWorkspace.Read, cancellationToken);
        var account = string.IsNullOrWhiteSpace(_options.Account) ? null : _options.Account.Trim();
        if (reply.Failure is { Kind: FailureKind.Refused, Status: 403 or 404 } refused && account is not null)
        {
            SourceLog.WorkspaceUnchecked(_logger, "Intercom", refused.Status, account);
            return new SourceIdentity { Account = account, OrganizationId = account, ClockAhead = _client.Clock.Ahead };
        }

        var workspace = reply.OrThrow();
        CheckRegion(workspace);
        if (account is not null && workspace.Id is not null && account != workspace.Id)
        {
            throw new SourceRefusedException(
                $"The access token belongs to the workspace '{workspace.Id}', but Sources:Intercom:Account is '{account}'.",
                $"Set Sources:Intercom:Account to '{workspace.Id}', or Sources:Intercom:AccessToken to a token of '{account}'.");
        }

        var id = workspace.Id ?? account ?? throw new SourceRefusedException(
            "Intercom does not tell which workspace the access token belongs to.",
            "Set Sources:Intercom:Account to the workspace's id.");
        return new SourceIdentity { Account = id, OrganizationId = id, OrganizationName = workspace.Name, ClockAhead = _client.Clock.Ahead };
    }

    public ValueTask<int> ProbeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public async IAsyncEnumerable<ActivityBatch> ReadAsync(Checkpoint? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = from is null ? await FirstPositionAsync(cancellationToken) : PositionOf(from);
        var committed = from?.Window?.Watermark;
        var span = Math.Clamp(_span ?? position.SpanSeconds, 1, _maxSpan);
        var settled = false;
        while (true)
        {
            var now = _windows.Now;
            if (now < position.Watermark)
            {
                // The vendor's clock went back, or the host's before the first answer. The watermark never does.
                SourceLog.ClockBackwards(_logger, "Intercom", DateTimeOffset.FromUnixTimeSeconds(now), DateTimeOffset.FromUnixTimeSeconds(position.Watermark));
                yield break;
            }

            var present = now - _settle;
            var to = Math.Min(present, position.Watermark + span);
            if (to <= position.Watermark) break;

            // What was already older than the whole overlap when it was read needs no second look.
            var start = settled ? position.Watermark + 1 : position.Watermark - _lookback;
            var walk = await _windows.WalkAsync(new TimeWindow(Math.Max(start, position.BackfillFrom), position.Watermark, to), cancellationToken);
            var window = walk.Window;
            if (window.Width <= 0) break;

            settled = window.To <= walk.AsOf - _lookback - _settle;
            _span = span = WindowSpan.Grown(Math.Min(span, walk.NarrowedTo ?? span), walk.Unit.Records, window.To - window.From + 1, _maxSpan);
            position = position with { Watermark = window.To, SpanSeconds = span, LookbackSeconds = _lookback, SettleSeconds = _settle };
            var backlog = window.To < present;
            var far = backlog || committed is null || window.To - committed >= FarSeconds;
            if (far) committed = window.To;

            walk.Unit.Sort();
            yield return walk.Unit.Build(position, far);
            if (!backlog) yield break;
        }

        // Nothing at all was found: that, too, is worth remembering.
        if (committed is null) yield return _windows.Nothing(position);
    }

    public async IAsyncEnumerable<ActivityBatch> SweepAsync(
        Checkpoint current, SweepRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var to = run.To;
        var watermark = run.At ?? Math.Max(run.From, 0) - 1;
        var span = Math.Min(WindowSpan.First, _maxSpan);
        while (true)
        {
            var end = Math.Min(Math.Min(to, _windows.Now - _settle), watermark + span);
            if (end <= watermark) yield break;

            var walk = await _windows.WalkAsync(new TimeWindow(watermark + 1, watermark, end), cancellationToken);
            if (walk.Window.Width <= 0) yield break;

            span = WindowSpan.Grown(Math.Min(span, walk.NarrowedTo ?? span), walk.Unit.Records, walk.Window.Width, _maxSpan);
            watermark = walk.Window.To;
            walk.Unit.Sort();
            yield return walk.Unit.Build(current.Position, movesFar: false, sweep: run with { At = watermark });
        }
    }

    public void Dispose() => _client.Dispose();

    private static WindowPosition PositionOf(Checkpoint from) => from.Window ?? throw new SourceRefusedException(
        "The checkpoint of this Intercom account is not one of time windows.",
        "Reset it with 'checkpoint reset', or import the right one.");

    private async ValueTask<WindowPosition> FirstPositionAsync(CancellationToken cancellationToken)
    {
        var configured = StartAt.Parse(_options.StartAt, _client.Clock.Now, "Sources:Intercom");
        var start = Math.Max((configured ?? Beginning).ToUnixTimeSeconds(), 1);
        return new WindowPosition
        {
            Watermark = await _windows.SkipEmptyAsync(start - 1, _maxSpan, cancellationToken),
            SpanSeconds = Math.Min(WindowSpan.First, _maxSpan),
            LookbackSeconds = _lookback,
            SettleSeconds = _settle,
            BackfillFrom = start,
        };
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
