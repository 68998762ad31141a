using System.Text.Json;
using System.Text.Json.Serialization;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Status;
using ActivityConnector.Terminals;

namespace ActivityConnector.Admin;

/// <summary>
/// Health, metrics, the API and the page of a running connector, over HTTP at <c>Admin:Url</c>. It only looks at the connector and asks it for
/// changes: whatever happens here, collection goes on.
/// </summary>
internal sealed class AdminServer : IAsyncDisposable
{
    private const int MostBodyBytes = 64 * 1024;
    private const int MostConnections = 200;

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
        });
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(connector);
        builder.Services.AddSingleton(new StatusReader(options, time));
        builder.Services.AddRoutingCore();
        builder.Services.AddProblemDetails();
        builder.Services.AddHealthChecks().AddConnector(connector);
        builder.Services.ConfigureHttpJsonOptions(json => Configure(json.SerializerOptions));
        var application = builder.Build();
        try
        {
            application.Urls.Add(options.Admin.Url);
            application.UseExceptionHandler();
            application.UseStatusCodePages();
            application.UseMiddleware<Access>(options.Admin);
            application.MapHealth();
            application.MapStatus();
            await application.StartAsync(cancellationToken);
            return new AdminServer(application);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or InvalidOperationException)
        {
            await application.DisposeAsync();
            throw new CommandFailedException(
                ExitCodes.Configuration,
                new ConfigurationProblem(
                    "Admin:Url", $"The connector cannot listen at {options.Admin.Url}: {(e.InnerException ?? e).Message}",
                    "Give another port, end the program that has it, or set Admin:Enabled to false.").ToString());
        }
    }

    /// <summary>How answers are written, and read by the commands that ask for them.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.DictionaryKeyPolicy = null;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        return json;
    }

    public async ValueTask DisposeAsync()
    {
        // Its answers may go on as long as their readers read.
        using var atOnce = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
    }
}
