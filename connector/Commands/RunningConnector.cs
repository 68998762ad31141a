using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using ActivityConnector.Admin;
using ActivityConnector.Configuration;
using ActivityConnector.Operations;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Status;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>The connector that runs with this configuration, asked over its API at <c>Admin:Url</c>.</summary>
internal sealed class RunningConnector : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http;

    private RunningConnector(HttpClient http, ConnectorStatus status)
    {
        _http = http;
        Status = status;
    }

    /// <summary>Its state when it was found.</summary>
    public ConnectorStatus Status { get; }

    /// <summary>Null when none listens there, or the one that does has another journal.</summary>
    /// <exception cref="CommandFailedException">It refuses: the token is not its own.</exception>
    public static async Task<RunningConnector?> FindAsync(ConnectorOptions options, Terminal terminal, CancellationToken cancellationToken)
    {
        var http = Client(options.Admin);
        if (http is null) return null;

        var address = http.BaseAddress;
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("activity-connector", ConnectorHost.Version));
        if (OperatorName() is { } name) http.DefaultRequestHeaders.TryAddWithoutValidation(Caller.NameHeader, name);

        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(AnswerTimeout);

            // Without the token: another program may listen there.
            if (await http.GetStringAsync("livez", patience.Token) != HealthEndpoints.Well) throw new JsonException("its /livez is another one.");

            if (TokenOf(options.Admin) is { Length: > 0 } token) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

            var found = new RunningConnector(http, await SendAsync<ConnectorStatus>(http, HttpMethod.Get, "api/v1/status", null, patience.Token));
            var wanted = StatusReader.PlaceOf(options);
            if (found.Status.Journal.Place == wanted) return found;

            terminal.WriteError($"The connector at {address} has another journal ({found.Status.Journal.Place}); it is not asked.");
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException || e.HttpRequestError is HttpRequestError.ConnectionError)
        {
            // None runs there.
        }
        catch (Exception e) when (e is HttpRequestException or JsonException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            terminal.WriteError($"What listens at {address} is no connector that can be asked: {e.Message}");
        }
        catch
        {
            http.Dispose();
            throw;
        }

        http.Dispose();
        return null;
    }

    /// <summary>For requests to the connector that listens where these options say; null where none does.</summary>
    public static HttpClient? Client(AdminOptions options) => options.Enabled && Uri.TryCreate(AddressOf(options.Url), UriKind.Absolute, out var address)
        ? new HttpClient(new SocketsHttpHandler { ConnectTimeout = ConnectTimeout, AllowAutoRedirect = false, UseProxy = false })
        {
            BaseAddress = address,
            Timeout = Timeout.InfiniteTimeSpan,
        }
        : null;

    /// <summary>The user of this process, as far as a header can hold the name; null otherwise.</summary>
    public static string? OperatorName() => Environment.UserName is { Length: > 0 } name && name.All(c => c is > ' ' and <= '~') ? name : null;

    /// <summary>The state of now.</summary>
    public Task<ConnectorStatus> StatusAsync(CancellationToken cancellationToken) =>
        AskAsync<ConnectorStatus>(HttpMethod.Get, "status", null, cancellationToken);

    /// <summary>Pauses, resumes or polls a source: <c>pause</c>, <c>resume</c> or <c>run</c>.</summary>
    /// <exception cref="CommandFailedException">It cannot be done; the message says why.</exception>
    public Task<SourceState> ChangeSourceAsync(string source, string change, CancellationToken cancellationToken) => AskAsync<SourceState>(
        change == "run" ? HttpMethod.Post : HttpMethod.Put, $"sources/{Uri.EscapeDataString(source)}/{change}", null, cancellationToken);

    /// <summary>Moves a paused source.</summary>
    /// <exception cref="CommandFailedException">It cannot be done; the message says why.</exception>
    public Task<SourceState> MoveSourceAsync(string source, CheckpointMove move, CancellationToken cancellationToken) =>
        AskAsync<SourceState>(HttpMethod.Patch, $"sources/{Uri.EscapeDataString(source)}/checkpoint", move, cancellationToken);

    /// <summary>Has a paused source read from its start again.</summary>
    /// <exception cref="CommandFailedException">It cannot be done; the message says why.</exception>
    public Task<ResetSource> ResetSourceAsync(string source, CancellationToken cancellationToken) =>
        AskAsync<ResetSource>(HttpMethod.Delete, $"sources/{Uri.EscapeDataString(source)}/checkpoint", null, cancellationToken);

    /// <summary>Sends one dead letter, or all, to the sink again.</summary>
    /// <exception cref="CommandFailedException">It cannot be done; the message says why.</exception>
    public async Task<IReadOnlyList<ReplayedLetter>> ReplayDeadLettersAsync(string? id, CancellationToken cancellationToken) => id is null
        ? await AskAsync<IReadOnlyList<ReplayedLetter>>(HttpMethod.Post, "dead-letters/replay", null, cancellationToken)
        : [await AskAsync<ReplayedLetter>(HttpMethod.Post, $"dead-letters/{Uri.EscapeDataString(id)}/replay", null, cancellationToken)];

    /// <summary>Deletes one dead letter, or all, and says how many.</summary>
    /// <exception cref="CommandFailedException">It cannot be done; the message says why.</exception>
    public async Task<int> DiscardDeadLettersAsync(string? id, CancellationToken cancellationToken)
    {
        if (id is null) return (await AskAsync<DiscardedLetters>(HttpMethod.Post, "dead-letters/discard", null, cancellationToken)).Count;

        await AskAsync<object?>(HttpMethod.Delete, $"dead-letters/{Uri.EscapeDataString(id)}", null, cancellationToken);
        return 1;
    }

    /// <summary>Asks for a range of time, which is read beside the polls.</summary>
    /// <exception cref="CommandFailedException">It cannot be read; the message says why.</exception>
    public Task<RangeProgress> StartRangeAsync(string source, RangeRequest request, CancellationToken cancellationToken) => AskAsync<RangeProgress>(
        HttpMethod.Post, PathOf(request.Kind), new AskedRange(source, request.From, request.To, request.PublishesAgain), cancellationToken);

    /// <summary>The ranges that were asked for, with their progress.</summary>
    public async Task<IReadOnlyList<RangeProgress>> RangesAsync(CancellationToken cancellationToken) =>
    [
        .. await AskAsync<IReadOnlyList<RangeProgress>>(HttpMethod.Get, PathOf(RangeKind.Backfill), null, cancellationToken),
        .. await AskAsync<IReadOnlyList<RangeProgress>>(HttpMethod.Get, PathOf(RangeKind.Sweep), null, cancellationToken),
    ];

    /// <summary>Ends a range where it stands.</summary>
    /// <exception cref="CommandFailedException">It has ended; the message says so.</exception>
    public Task<RangeProgress> CancelRangeAsync(RangeProgress range, CancellationToken cancellationToken) =>
        AskAsync<RangeProgress>(HttpMethod.Delete, $"{PathOf(range.Kind)}/{range.Id}", null, cancellationToken);

    /// <summary>Asks a path below <c>/api/v1/</c>.</summary>
    /// <exception cref="CommandFailedException">It cannot be done, or the connector has ended; the message says why.</exception>
    public async Task<T> AskAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync<T>(_http, method, "api/v1/" + path, body, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new CommandFailedException(ExitCodes.Failed, $"The connector at {_http.BaseAddress} does not answer any more: {e.Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<T> SendAsync<T>(HttpClient http, HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body, options: AdminServer.Json);

        using var response = await http.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode && response.Content.Headers.ContentLength == 0) return default!;
        if (response.IsSuccessStatusCode) return (await response.Content.ReadFromJsonAsync<T>(AdminServer.Json, cancellationToken))!;

        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            var refused = http.DefaultRequestHeaders.Authorization is null ? "a request without a token" : "the token";
            throw new CommandFailedException(
                ExitCodes.Failed,
                $"The connector at {http.BaseAddress} refused {refused}. "
                + "Give the one that it was started with, as Admin:Token or Admin:TokenFile.");
        }

        var problem = await ProblemAsync(response, cancellationToken);
        throw new CommandFailedException(ExitCodes.Failed, $"{problem.Title} {problem.Detail}".TrimEnd());
    }

    private static async Task<Problem> ProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<Problem>(AdminServer.Json, cancellationToken) ?? throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new HttpRequestException($"it answers {(int)response.StatusCode}", e);
        }
    }

    /// <summary>From this machine: an address that stands for all is reached over loopback.</summary>
    private static string AddressOf(string url) => url
        .Replace("//*", "//127.0.0.1", StringComparison.Ordinal)
        .Replace("//+", "//127.0.0.1", StringComparison.Ordinal)
        .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal)
        .Replace("//[::]", "//[::1]", StringComparison.Ordinal).TrimEnd('/') + "/";

    private static string? TokenOf(AdminOptions options) => options.TokenFile is { Length: > 0 } file
        ? SecretFile.Read(file, "Admin:TokenFile", SecretKind.Token)
        : options.Token?.Trim();

    private static string PathOf(RangeKind kind) => kind.Name() + "s";

    private sealed record Problem(string? Title, string? Detail);
}
