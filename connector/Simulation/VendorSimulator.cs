using System.Globalization;
using System.Net;
using ActivityConnector.Simulation.Intercom;
using ActivityConnector.Simulation.Sequence;

namespace ActivityConnector.Simulation;

/// <summary>Both vendors' APIs on a loopback port of this process, as their contracts describe them. Thread-safe.</summary>
/// <remarks>All its times, the Date header included, come from the clock it was given.</remarks>
public sealed class VendorSimulator : IAsyncDisposable
{
    internal const string IntercomPath = "/intercom";
    private const string SequencePath = "/sequence";
    private const string SequenceApiPath = "/sequence/api";

    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping;

    private VendorSimulator(WebApplication app, CancellationTokenSource stopping, IntercomSimulator intercom, SequenceSimulator sequence)
    {
        (_app, _stopping, Intercom, Sequence) = (app, stopping, intercom, sequence);
        var address = app.Urls.Single();
        IntercomBaseUrl = new Uri(address + IntercomPath);
        SequenceBaseUrl = new Uri(address + SequenceApiPath);
    }

    /// <summary>Without a slash at the end; the paths of the API follow.</summary>
    public Uri IntercomBaseUrl { get; }

    /// <summary>With <c>/api</c>, without a slash at the end; the paths of the API follow.</summary>
    public Uri SequenceBaseUrl { get; }

    public IntercomSimulator Intercom { get; }

    public SequenceSimulator Sequence { get; }

    /// <summary>Starts to serve.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<VendorSimulator> StartAsync(SimulatorOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var intercom = new IntercomSimulator(options, time);
        var sequence = new SequenceSimulator(options, time);
        var stopping = new CancellationTokenSource();
        var answers = new Answers(options, time, stopping.Token);
        var intercomApi = new IntercomApi(intercom, options, answers, time);
        var sequenceApi = new SequenceApi(sequence, options, answers, time);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, options.Port));
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var app = builder.Build();
        app.Run(async context =>
        {
            if (options.Latency > TimeSpan.Zero) await Task.Delay(options.Latency, time, context.RequestAborted);

            await AnswerAsync(context);
        });
        Task AnswerAsync(HttpContext context)
        {
            context.Response.Headers.Date = time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
            var path = context.Request.Path;
            if (path.StartsWithSegments(IntercomPath, StringComparison.Ordinal, out var rest))
                return intercomApi.HandleAsync(context, rest);
            if (path.StartsWithSegments(SequenceApiPath, StringComparison.Ordinal, out rest))
                return sequenceApi.HandleAsync(context, rest);

            // A base URL without /api leads to the dashboard, as the real one does.
            return path.StartsWithSegments(SequencePath, StringComparison.Ordinal)
                ? Answers.HtmlAsync(context, StatusCodes.Status200OK)
                : Answers.EmptyAsync(context, StatusCodes.Status404NotFound);
        }

        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            stopping.Dispose();
            await app.DisposeAsync();
            throw;
        }

        return new VendorSimulator(app, stopping, intercom, sequence);
    }

    /// <summary>Stops to serve; requests under way are broken off. May be called twice.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }
}
