using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ActivityConnector.Terminals;

/// <summary>The log as <see cref="EcsLine"/>.</summary>
internal sealed class EcsLogFormatter(TimeProvider clock, Terminal terminal) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "ecs";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter) =>
        textWriter.WriteLine(EcsLine.Of(
            clock.GetUtcNow(),
            logEntry.LogLevel,
            logEntry.Formatter(logEntry.State, logEntry.Exception),
            terminal.ServiceName,
            logEntry.Category,
            logEntry.Exception,
            logEntry.State as IEnumerable<KeyValuePair<string, object?>>));
}
