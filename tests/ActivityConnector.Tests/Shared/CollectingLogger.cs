using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Shared;

/// <summary>Keeps what is logged at information and above. Thread-safe.</summary>
public sealed class CollectingLogger<T> : ILogger<T>
{
    private readonly Lock _gate = new();
    private readonly List<(LogLevel Level, string Text)> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<(LogLevel Level, string Text)> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Completes when a line with this text was logged.</summary>
    public async Task SeenAsync(string text)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_lines.Any(line => line.Text.Contains(text, StringComparison.Ordinal))) return;

                more = _more.Task;
            }

            await more.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
        {
            _lines.Add((logLevel, formatter(state, exception)));
            _more.SetResult();
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
