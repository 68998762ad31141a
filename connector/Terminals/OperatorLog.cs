using Microsoft.Extensions.Logging.Console;

namespace ActivityConnector.Terminals;

/// <summary>
/// The log of a running connector, on standard error. It never holds up what is logged: while it is not read, lines beyond
/// <see cref="MostWaiting"/> are dropped, and a line counts them when it is read again.
/// </summary>
internal static class OperatorLog
{
    /// <summary>Lines that wait for a reader.</summary>
    public const int MostWaiting = 2500;

    /// <param name="terminal">Its settings and clock.</param>
    /// <param name="least">The least level where the caller's settings name none.</param>
    public static ILoggerFactory Create(Terminal terminal, LogLevel least = LogLevel.Information) =>
        LoggerFactory.Create(logging => Configure(logging, terminal, least));

    /// <inheritdoc cref="Create"/>
    public static void Configure(ILoggingBuilder logging, Terminal terminal, LogLevel least = LogLevel.Information)
    {
        logging.Services.AddSingleton(terminal);
        logging.Services.AddSingleton(terminal.Clock);
        logging
            .AddConsole(console =>
            {
                console.FormatterName = terminal.Log.IsJson ? EcsLogFormatter.FormatterName : OperatorLogFormatter.FormatterName;
                console.LogToStandardErrorThreshold = LogLevel.Trace;
                console.MaxQueueLength = MostWaiting;
                console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
            })
            .AddConsoleFormatter<OperatorLogFormatter, ConsoleFormatterOptions>()
            .AddConsoleFormatter<EcsLogFormatter, ConsoleFormatterOptions>()
            .SetMinimumLevel(terminal.Log.Least ?? least)
            .AddFilter("Quartz", LogLevel.Warning)
            .AddFilter("Microsoft", LogLevel.Warning)

            // A line for each connection that is refused would let a caller fill the log.
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error)

            // What is not healthy is told once where it arises; this would repeat it at each probe.
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
    }
}
