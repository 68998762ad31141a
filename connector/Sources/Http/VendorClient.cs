using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ActivityConnector.Pipeline;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace ActivityConnector.Sources.Http;

/// <summary>
/// GET requests to one vendor: only to the configured origin, paced, each attempt with a time limit that includes its body, asked again
/// in place while that can help. What it decides stands in <see cref="NextMoves"/>, <see cref="RetryDelay"/> and <see cref="RateLimit"/>.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class VendorClient : IDisposable
{
    /// <summary>For one attempt, from sending to the last byte of the body.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Attempts that fail before the request is given up; waits for the quota do not count.</summary>
    public const int MaxAttempts = 4;

    /// <summary>The longest page that is kept in memory, after decompression.</summary>
    public const int MaxPageBytes = 16 * 1024 * 1024;

    private const int MaxErrorBytes = 64 * 1024;

    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(30);
    private static readonly ResiliencePropertyKey<Call> CallKey = new("call");

    private readonly VendorApi _api;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Lock _gate = new();
    private readonly ILogger _logger;
    private readonly HourlyReminder _longWaits;
    private readonly RequestPace _pace;
    private readonly ResiliencePipeline<Attempt> _attempts;
    private readonly ResiliencePipeline<Attempt> _attempt;
    private int _expectedBytes;
    private bool _warnedOfVersion;
    private volatile AuthenticationHeaderValue? _asked;

    public VendorClient(VendorApi api, HttpMessageHandler handler, TimeProvider time, Random random, ILogger logger)
    {
        _api = api;
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _time = time;
        _random = random;
        _logger = logger;
        _longWaits = new HourlyReminder(time);
        _pace = new RequestPace(api.RequestsPerMinute, time, new Random(random.Next()));
        Clock = new ServerClock(time);
        _attempts = new ResiliencePipelineBuilder<Attempt> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Attempt>
            {
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = args => ValueTask.FromResult(Decide(args.Outcome, args.Context)),
                DelayGenerator = args => ValueTask.FromResult<TimeSpan?>(CallOf(args.Context).Delay),
            })
            .Build();
        _attempt = new ResiliencePipelineBuilder<Attempt> { TimeProvider = time }
            .AddTimeout(new TimeoutStrategyOptions { Timeout = AttemptTimeout })
            .Build();
    }

    /// <summary>The vendor's time.</summary>
    public ServerClock Clock { get; }

    /// <inheritdoc cref="RequestPace.CanWait"/>
    public Func<bool>? CanWait
    {
        set => _pace.CanWait = value;
    }

    /// <inheritdoc cref="RequestPace.AtOnce"/>
    public long AtOnce => _pace.AtOnce;

    /// <summary>What the last answer said about the quota; null when it said nothing.</summary>
    public Quota? Quota { get; private set; }

    /// <inheritdoc cref="IActivitySource.HasNewCredential"/>
    public bool HasNewCredential
    {
        get
        {
            try
            {
                return !_api.Authorization().Equals(_asked);
            }
            catch (SourceRefusedException)
            {
                return false;
            }
        }
    }

    /// <summary>The handler for the real network. It follows no redirect, keeps no cookie, and sends the vendor nothing of our traces.</summary>
    public static SocketsHttpHandler NewHandler(TimeProvider time) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,

        // Null would send nothing either, and make no span.
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = ConnectionFailure.ConnectTimeout,
        ConnectCallback = new HostConnection(time).ConnectAsync,
    };

    /// <summary>One page of records.</summary>
    /// <param name="path">Path below the base URL, without a slash in front.</param>
    /// <param name="query">Query without its question mark; never logged.</param>
    /// <param name="shape">A page of another shape counts as a failed attempt.</param>
    /// <param name="cancellationToken">Ends the request and every wait.</param>
    /// <param name="attempts">How many may fail before the request is given up. With fewer than <see cref="MaxAttempts"/> no page is salvaged.</param>
    /// <param name="mostBytes">A longer page is too large.</param>
    public ValueTask<Reply<VendorPage>> GetPageAsync(
        string path, string query, PageShape shape, CancellationToken cancellationToken, int attempts = MaxAttempts, int mostBytes = MaxPageBytes) =>
        GetAsync(path, query, (content, token) => ReadBodyAsync(content, mostBytes, token), answer => ReadPage(answer, shape), attempts, cancellationToken);

    /// <summary>
    /// A page that is too large although it was asked for with a limit of one record: it is read through without being kept. The result has
    /// its paging and the record, where a page could hold it and something else makes this one too large; otherwise one broken element with the record's id,
    /// time and first bytes.
    /// </summary>
    /// <param name="path">As for a page.</param>
    /// <param name="query">With a limit of one record.</param>
    /// <param name="shape">As for a page.</param>
    /// <param name="cancellationToken">Ends the request and every wait.</param>
    public ValueTask<Reply<VendorPage>> GetOutsizedAsync(string path, string query, PageShape shape, CancellationToken cancellationToken)
    {
        OutsizedPage? outsized = null;
        return GetAsync(
            path,
            query,
            async (content, token) =>
            {
                await using var stream = await content.ReadAsStreamAsync(token);
                return (outsized = await OutsizedPage.ReadAsync(stream, shape, MaxPageBytes, token)).Body;
            },
            answer => outsized!.ToPage(answer.AsOf, answer.ReceivedAt),
            MaxAttempts,
            cancellationToken);
    }

    /// <summary>One JSON document, as <paramref name="read"/> understands it; a <see cref="JsonException"/> counts as a failed attempt.</summary>
    public ValueTask<Reply<T>> GetJsonAsync<T>(string path, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancellationToken)
        where T : class =>
        GetAsync(
            path,
            "",
            (content, token) => ReadBodyAsync(content, MaxPageBytes, token),
            answer =>
            {
                using var body = answer.Body;
                try
                {
                    return read(body.Bytes);
                }
                catch (InvalidOperationException e)
                {
                    throw new JsonException("text that cannot be decoded", e);
                }
            },
            MaxAttempts,
            cancellationToken);

    public void Dispose() => _http.Dispose();

    /// <summary>The whole body, or null when it is too large.</summary>
    private async ValueTask<PageBody?> ReadBodyAsync(HttpContent content, int most, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > most) return null;

        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        return await PageBody.ReadAsync(stream, _expectedBytes, most, cancellationToken);
    }

    private async ValueTask<Reply<T>> GetAsync<T>(
        string path,
        string query,
        Func<HttpContent, CancellationToken, ValueTask<PageBody?>> take,
        Func<Answer, T> read,
        int attempts,
        CancellationToken cancellationToken)
        where T : class
    {
        var uri = new Uri($"{_api.BaseUrl.AbsoluteUri.TrimEnd('/')}/{path}{(query.Length > 0 ? "?" : "")}{query}");
        var call = new Call(path, uri, take, read, attempts);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(CallKey, call);
        try
        {
            var attempt = await _attempts.ExecuteAsync(static (c, client) => client.AttemptInTurnAsync(CallOf(c), c.CancellationToken), context, this);
            return attempt.Value is { } value ? new((T)value, null) : new(null, Explain(attempt, call));
        }
        catch (Exception e) when (IsTransient(e))
        {
            return new(null, Explain(e, call));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Once the vendor's rate limit allows it: when that is, is a time.</summary>
    private async ValueTask<Attempt> AttemptInTurnAsync(Call call, CancellationToken cancellationToken)
    {
        while (_pace.Take() is { Ticks: > 0 } wait) await Task.Delay(wait, _time, cancellationToken);

        call.IsUnderWay = true;
        try
        {
            return await _attempt.ExecuteAsync(static (c, token) => c.Client.AttemptAsync(c.Call, token), (Client: this, Call: call), cancellationToken);
        }
        finally
        {
            End(call);
        }
    }

    /// <summary>The request is not under way any more.</summary>
    private void End(Call call)
    {
        if (call.IsUnderWay) _pace.Answered();

        call.IsUnderWay = false;
    }

    private async ValueTask<Attempt> AttemptAsync(Call call, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, call.Uri);
        _asked = null;
        var authorization = _asked = _api.Authorization();
        request.Headers.Authorization = authorization;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.TryAddWithoutValidation(_api.VersionHeader, _api.Version);
        request.Headers.TryAddWithoutValidation("User-Agent", "activity-connector");

        var (sent, sentAt) = (_time.GetTimestamp(), _time.GetUtcNow());
        using var response = await SendAsync(call, request, cancellationToken);
        var asOf = Clock.Observe(response.Headers.Date) - _time.GetElapsedTime(sent);
        if (sentAt < asOf) asOf = sentAt;
        var limit = RateLimit.Of(response.Headers, _time.GetUtcNow());
        Quota = limit.Limit > 0 ? new Quota(limit.Limit, limit.Remaining) : null;
        CheckVersion(response.Headers);

        if (response.StatusCode != HttpStatusCode.OK)
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var error = await PageBody.ReadAsync(stream, 0, MaxErrorBytes, cancellationToken);
            var code = error is null ? null : CodeIn(error.Bytes, _api.ErrorCode);
            var move = (code is null ? null : _api.MoveOn((int)response.StatusCode, code)) ?? NextMoves.Of((int)response.StatusCode);
            return new Attempt(move, (int)response.StatusCode) { Code = code, Limit = limit, Authorization = authorization };
        }

        PageBody? body = null;
        try
        {
            body = await call.Take(response.Content, cancellationToken);
            if (body is null) return Unusable($"sent more than {MaxPageBytes / 1024 / 1024} MB in one page", limit, tooLarge: true);

            _expectedBytes = body.Bytes.Length + (body.Bytes.Length / 8);
            var mayBeSalvaged = call.Unreadable > 0 && call.Failures == MaxAttempts - 1;
            var answer = new Answer(body, response.Content.Headers.ContentType, asOf, _time.GetUtcNow(), mayBeSalvaged);
            return new Attempt(NextMove.Use, 200) { Value = call.Read(answer) };
        }
        catch (TooManyRecordsException)
        {
            body!.Dispose();
            return Unusable($"sent more than {VendorPage.MostRecords} records in one page", limit, tooLarge: true);
        }
        catch (JsonException)
        {
            body?.Dispose();
            call.Unreadable++;
            return Unusable("answered with something that is not the JSON it promises", limit, tooLarge: false);
        }
    }

    /// <summary>Sends it, and learns from the headers of the answer what is left of the quota.</summary>
    private async ValueTask<HttpResponseMessage> SendAsync(Call call, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var limit = RateLimit.Of(response.Headers, _time.GetUtcNow());
            if (_pace.Observe(limit)) SourceLog.QuotaReserve(_logger, _api.Name, limit.Remaining, limit.Limit);
            return response;
        }
        finally
        {
            End(call);
        }
    }

    /// <summary>The code goes into messages: nothing but a short word may, and a body may hold anything.</summary>
    internal static string? CodeIn(ReadOnlyMemory<byte> body, Func<JsonElement, JsonElement?> codeOf)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var code = codeOf(document.RootElement)?.GetString();
            return code is { Length: > 0 and <= 64 } && code.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? code : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Attempt Unusable(string what, RateLimit limit, bool tooLarge) =>
        new(NextMove.Retry, 200) { Problem = what, Limit = limit, TooLarge = tooLarge };

    private static VendorPage ReadPage(Answer answer, PageShape shape)
    {
        // The body decides; the type only spares a look at what says itself that it is a web page.
        if (answer.Type?.MediaType is "text/html") throw new JsonException("a web page");

        var page = new VendorPage(answer.Body) { AsOf = answer.AsOf, ReceivedAt = answer.ReceivedAt };
        try
        {
            PageSplitter.Split(page, shape);
        }
        catch (JsonException) when (answer.MayBeSalvaged)
        {
            PageSalvage.Split(page, shape);
        }

        return page;
    }

    /// <summary>Whether to ask again, and with which delay: called once for each attempt.</summary>
    private bool Decide(Outcome<Attempt> outcome, ResilienceContext context)
    {
        var call = CallOf(context);
        if (outcome.Exception is { } e && (!IsTransient(e) || context.CancellationToken.IsCancellationRequested)) return false;

        var attempt = outcome.Result;
        switch (attempt?.Move ?? NextMove.Retry)
        {
            case NextMove.Retry:
                if (++call.Failures >= call.Attempts || attempt is { TooLarge: true }) return false;

                lock (_gate) call.Delay = RetryDelay.AfterFailure(call.Failures - 1, attempt?.Limit.RetryAfter, _random);
                var (level, problem) = (LevelOf(call.Delay), Describe(outcome));
                SourceLog.Retry(_logger, level, _api.Name, call.Path, problem, call.Failures, call.Attempts, call.Delay.TotalSeconds);
                break;
            case NextMove.Wait:
                lock (_gate) call.Delay = RetryDelay.ForQuota(call.Waits++, attempt!.Limit, _random);
                var quotaLevel = LevelOf(call.Delay);
                SourceLog.QuotaWait(_logger, quotaLevel, _api.Name, call.Path, call.Delay.TotalSeconds);
                break;
            case NextMove.Refuse when attempt!.Status == 401 && !call.Reauthorized && !_api.Authorization().Equals(attempt.Authorization):
                call.Reauthorized = true;
                call.Delay = TimeSpan.Zero;
                SourceLog.SecretChanged(_logger, _api.Name);
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>A long wait is told, once an hour while there are more; a short one passes by itself, and what it ends in is told.</summary>
    private LogLevel LevelOf(TimeSpan wait)
    {
        lock (_gate) return wait > LongWait && _longWaits.IsDue("") ? LogLevel.Warning : LogLevel.Debug;
    }

    private Failure Explain(Attempt attempt, Call call)
    {
        if (attempt.Move is NextMove.Refuse or NextMove.Reject)
        {
            var (cause, fix) = _api.Explain(attempt.Status, attempt.Code);
            var kind = attempt.Move == NextMove.Refuse ? FailureKind.Refused : FailureKind.Rejected;
            return new Failure(kind, attempt.Status, cause, fix);
        }

        if (attempt.Problem is { } problem)
        {
            return new Failure(
                FailureKind.Unreadable,
                attempt.Status,
                $"{_api.Name} {problem}{Times(call)}.",
                $"Check that {_api.Section}:BaseUrl is the address of the API and that no proxy answers in its place.",
                ConcernsRange: true,
                attempt.TooLarge);
        }

        return new Failure(
            FailureKind.Unavailable,
            attempt.Status,
            $"{_api.Name} answered with HTTP status {attempt.Status}{Times(call)}.",
            $"Look at {_api.Name}'s status page; the connector resumes where it stopped.",
            attempt.Status is 500 or 408 or 504);
    }

    private Failure Explain(Exception e, Call call) => new(
        FailureKind.Unavailable,
        0,
        e is TimeoutRejectedException
            ? $"{_api.Name} did not answer within {AttemptTimeout.TotalSeconds:0} seconds{Times(call)}."
            : $"{_api.Name} cannot be reached at {_api.BaseUrl.Host} ({ConnectionFailure.Text(e, _api.BaseUrl)}).",
        ConnectionFailure.IsUntrusted(e)
            ? $"See who answers at {_api.Section}:BaseUrl. If a proxy looks into TLS, add its authority to the certificates of the system (or SSL_CERT_FILE)."
            : $"Check the network, DNS, proxy and TLS between here and {_api.Section}:BaseUrl.",
        ConcernsRange: e is TimeoutRejectedException,
        Inner: e);

    private static string Times(Call call) => call.Failures > 1 ? string.Create(CultureInfo.InvariantCulture, $", {call.Failures} times in a row") : "";

    private void CheckVersion(HttpResponseHeaders headers)
    {
        if (_warnedOfVersion || !headers.TryGetValues(_api.VersionHeader, out var values)) return;

        var version = values.First();
        if (version == _api.Version) return;

        _warnedOfVersion = true;
        SourceLog.OtherVersion(_logger, _api.Name, version, _api.Version, _api.Section);
    }

    // A connection that is not made in time is a cancellation in .NET, with this inside.
    private static bool IsTransient(Exception e) =>
        e is HttpRequestException or IOException or InvalidDataException or TimeoutRejectedException
            or OperationCanceledException { InnerException: TimeoutException };

    private string Describe(Outcome<Attempt> outcome) => outcome switch
    {
        { Exception: TimeoutRejectedException } => "no answer in time",
        { Exception: { } e } => ConnectionFailure.Text(e, _api.BaseUrl),
        { Result.Problem: { } problem } => problem,
        _ => string.Create(CultureInfo.InvariantCulture, $"HTTP status {outcome.Result!.Status}"),
    };

    private static Call CallOf(ResilienceContext context) => context.Properties.GetValue(CallKey, null!);

    /// <summary>A body with what is known of its coming. The reader disposes it, or owns it.</summary>
    private readonly record struct Answer(PageBody Body, MediaTypeHeaderValue? Type, DateTimeOffset AsOf, DateTimeOffset ReceivedAt, bool MayBeSalvaged);

    /// <summary>What came of sending the request once.</summary>
    private sealed record Attempt(NextMove Move, int Status)
    {
        public string? Code { get; init; }

        public RateLimit Limit { get; init; }

        public AuthenticationHeaderValue? Authorization { get; init; }

        public string? Problem { get; init; }

        public bool TooLarge { get; init; }

        public object? Value { get; init; }
    }

    /// <summary>One request over all its attempts.</summary>
    private sealed class Call(string path, Uri uri, Func<HttpContent, CancellationToken, ValueTask<PageBody?>> take, Func<Answer, object> read, int attempts)
    {
        public string Path { get; } = path;

        public Uri Uri { get; } = uri;

        public Func<HttpContent, CancellationToken, ValueTask<PageBody?>> Take { get; } = take;

        public Func<Answer, object> Read { get; } = read;

        public int Attempts { get; } = attempts;

        public int Failures { get; set; }

        /// <summary>Answers that were not what the vendor promises: a page is salvaged only when asking again has not helped.</summary>
        public int Unreadable { get; set; }

        public int Waits { get; set; }

        public bool Reauthorized { get; set; }

        public TimeSpan Delay { get; set; }

        public bool IsUnderWay { get; set; }
    }
}
