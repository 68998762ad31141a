using System.Globalization;

namespace ActivityConnector.Terminals;

/// <summary>
/// Tells on standard error how long work goes: how far it is, how fast, and how long it takes. At a terminal that is a bar in the last line, four
/// times a second; elsewhere a line a minute. It is over when this is disposed, which takes the bar away.
/// </summary>
/// <remarks>
/// The work is never held up: it is asked for its numbers, from another thread.
/// </remarks>
internal sealed partial class Progress : IAsyncDisposable
{
    private const int BarLength = 20;

    private static readonly TimeSpan BarEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LineEvery = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Terminal _terminal;
    private readonly string _what;
    private readonly Func<ProgressState> _state;
    private readonly ILogger? _log;
    private readonly long _started;
    private readonly Task _telling;

    private Progress(Terminal terminal, string what, Func<ProgressState> state, ILogger? log)
    {
        (_terminal, _what, _state, _log) = (terminal, what, state, log);
        _started = terminal.Clock.GetTimestamp();
        _telling = Task.Run(TellAsync, CancellationToken.None);
    }

    /// <summary>Begins to tell.</summary>
    /// <param name="what">What is counted, as <c>events sent</c>.</param>
    /// <param name="state">Asked from another thread, at any time until this is disposed.</param>
    /// <param name="log">Where the line a minute goes; null = to standard error as it is.</param>
    public static Progress Start(Terminal terminal, string what, Func<ProgressState> state, ILogger? log = null) => new(terminal, what, state, log);

    /// <summary>As <see cref="Start"/> for work that writes its result to standard output: only a bar, and none where the result is on that terminal.</summary>
    /// <returns>Null when nothing is told.</returns>
    public static Progress? StartBesideOutput(Terminal terminal, string what, Func<ProgressState> state) =>
        terminal.Status is null || terminal.IsInteractive ? null : new(terminal, what, state, null);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _telling;
        _stop.Dispose();
    }

    private async Task TellAsync()
    {
        using var timer = new PeriodicTimer(_terminal.Status is null ? LineEvery : BarEvery, _terminal.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token)) Tell(_state());
        }
        catch (OperationCanceledException)
        {
            // The work is done.
        }

        _terminal.Status?.Show("");
    }

    private void Tell(ProgressState state)
    {
        var elapsed = _terminal.Clock.GetElapsedTime(_started);
        var rate = state.Done / Math.Max(1, elapsed.TotalSeconds);
        var rest = state.Share is { } share and > 0.001
            ? $"about {TimeText.Readable(elapsed * ((1 - share) / share))} left ({Percent(share)})"
            : $"for {TimeText.Readable(elapsed)}";
        if (_terminal.Status is { } status)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{Bar(state.Share)}{state.Done} {_what}, {rate:F0}/s, {rest}");
            status.Show(line.Length < _terminal.Width ? line : line[..(_terminal.Width - 1)]);
        }
        else if (_log is not null)
        {
            LogProgress(_log, state.Done, _what, rate, rest);
        }
        else
        {
            _terminal.WriteError(string.Create(CultureInfo.InvariantCulture, $"{state.Done} {_what}, {rate:F0} a second, {rest}."));
        }
    }

    private static string Bar(double? share)
    {
        if (share is null) return "";

        var filled = (int)(Math.Clamp(share.Value, 0, 1) * BarLength);
        return $"[{new string('#', filled)}{new string('.', BarLength - filled)}] ";
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{Math.Clamp(share, 0, 1) * 100:F0} %");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Done} {What}, {PerSecond:F0} a second, {Rest}.")]
    private static partial void LogProgress(ILogger log, long done, string what, double perSecond, string rest);
}

/// <summary>How far work is.</summary>
/// <param name="Done">What is done, counted.</param>
/// <param name="Share">The share of the whole that is done, 0 to 1; null when the whole is not known.</param>
internal readonly record struct ProgressState(long Done, double? Share = null);
