using System.Text.Json;
using System.Text.Json.Serialization;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Status;
using ActivityConnector.Terminals;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.RateLimiting;

namespace ActivityConnector.Admin;

/// <summary>
/// Health, metrics, the API and the page of a running connector, over HTTP at <c>Admin:Url</c>. It only looks at the connector and asks it for
/// changes: whatever happens here, collection goes on.
/// </summary>
internal sealed partial class AdminServer : IAsyncDisposable
{
    private const int MostBodyBytes = 64 * 1024;
    private const int MostConnections = 500;

    /// <summary>Each keeps a connection and what its reader has not read yet.</summary>
    private const int MostStreams = 20;

    /// <summary>For a connection that sends nothing: it must not keep the probes of health out for long.</summary>
    private static readonly TimeSpan MostIdle = TimeSpan.FromSeconds(10);

    /// <summary>Each holds many events in memory, which collection needs too.</summary>
    private const int MostReads = 2;
    private const int MostWaitingReads = 20;

    /// <summary>The limit of requests that read many events or dead letters of the journal at a time.</summary>
    public const string JournalReads = "journal reads";

    /// <summary>The limit of streams at a time; there is no queue for one.</summary>
    public const string Streams = "streams";

    /// <summary>How answers are written, and read by the commands that ask for them.</summary>
    public static readonly JsonSerializerOptions Json = Configure(new(JsonSerializerDefaults.Web));

    private readonly WebApplication _application;

    private AdminServer(WebApplication application) => _application = application;

    /// <summary>Where it listens, with the port it was given when Admin:Url has port 0.</summary>
    public string Url => _application.Urls.First();

    /// <summary>Starts listening.</summary>
    /// <exception cref="CommandFailedException">The address is in use, or not one of this machine.</exception>
    public static async Task<AdminServer> StartAsync(
        ConnectorOptions options, ConnectorHost connector, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(AdminServer).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.KeepAliveTimeout = kestrel.Limits.RequestHeadersTimeout = MostIdle;
        });
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(connector);
        builder.Services.AddSingleton(new StatusReader(options, time));
        builder.Services.AddSingleton(new RunningJournal(connector, options, time, logs));
        builder.Services.AddSingleton(new EventFeed(connector));
        builder.Services.AddRoutingCore();
        builder.Services.AddRateLimiter(limits =>
        {
            limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limits.AddConcurrencyLimiter(JournalReads, reads => (reads.PermitLimit, reads.QueueLimit) = (MostReads, MostWaitingReads));
            limits.AddConcurrencyLimiter(Streams, streams => (streams.PermitLimit, streams.QueueLimit) = (MostStreams, 0));
        });
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<Failures>();
        builder.Services.AddOpenApi(Description);
        builder.Services.AddHealthChecks().AddConnector(connector);
        builder.Services.ConfigureHttpJsonOptions(json => Configure(json.SerializerOptions));
        var application = builder.Build();
        try
        {
            application.Urls.Add(options.Admin.Url);
            application.UseExceptionHandler();
            application.UseStatusCodePages();
            application.UseMiddleware<Access>(options.Admin);
            application.UseRateLimiter();
            application.UseMiddleware<PageFiles>();
            application.MapHealth();
            connector.Telemetry?.MapMetrics(application);
            application.MapOpenApi("/openapi.json");
            var api = application.MapGroup("/api/v1");
            api.MapStatus();
            api.MapSources();
            api.MapEvents();
            api.MapStream();
            api.MapDeadLetters();
            api.MapRanges();
            await application.StartAsync(cancellationToken);
            var server = new AdminServer(application);
            var readOnly = options.Admin.HasToken ? "" : "; without Admin:Token nothing can be changed there";
            var log = logs.CreateLogger<AdminServer>();
            LogListens(log, server.Url, readOnly);
            return server;
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            await application.DisposeAsync();
            throw new CommandFailedException(
                ExitCodes.Configuration,
                new ConfigurationProblem(
                    "Admin:Url", $"The connector cannot listen at {options.Admin.Url}: {(e.InnerException ?? e).Message}",
                    "Give another port, end the program that has it, or set Admin:Enabled to false.").ToString());
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Its answers may go on as long as their readers read.
        using var atOnce = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
    }

    private static void Description(OpenApiOptions description) => description.AddDocumentTransformer((document, _, _) =>
    {
        document.Info.Title = "Activity Connector";
        document.Info.Version = ConnectorHost.Version;
        document.Info.Description = "Looks at a running connector and asks it for changes. Failures are problem details (RFC 9457).";
        document.Servers = [];
        return Task.CompletedTask;
    });

    [LoggerMessage(Level = LogLevel.Information, Message = "The page, the API, metrics and health are at {Url}{ReadOnly}.")]
    private static partial void LogListens(ILogger log, string url, string readOnly);

    private static JsonSerializerOptions Configure(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.DictionaryKeyPolicy = null;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        return json;
    }
}
