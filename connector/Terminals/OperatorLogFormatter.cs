using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ActivityConnector.Terminals;

/// <summary>
/// One line an event: time in UTC, level, message, as <see cref="PlainText"/>. An unexpected error's details follow on lines of their own, which
/// are indented, so that none of them looks like another event.
/// </summary>
internal sealed class OperatorLogFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "operator";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var level = logEntry.LogLevel switch
        {
            LogLevel.Critical or LogLevel.Error => "error",
            LogLevel.Warning => "warn ",
            LogLevel.Information => "info ",
            _ => "debug",
        };
        textWriter.Write(clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        textWriter.Write($" {level} ");
        textWriter.WriteLine(PlainText.Of(logEntry.Formatter(logEntry.State, logEntry.Exception)));
        if (logEntry.Exception is not { } exception) return;

        foreach (var line in PlainText.Indented(exception)) textWriter.WriteLine(line);
    }
}
