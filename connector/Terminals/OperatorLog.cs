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

    public static ILoggerFactory Create(TimeProvider clock, LogLevel least = LogLevel.Information) => LoggerFactory.Create(logging =>
    {
        logging.Services.AddSingleton(clock);
        logging
            .AddConsole(console =>
            {
                console.FormatterName = OperatorLogFormatter.FormatterName;
                console.LogToStandardErrorThreshold = LogLevel.Trace;
                console.MaxQueueLength = MostWaiting;
                console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
            })
            .AddConsoleFormatter<OperatorLogFormatter, ConsoleFormatterOptions>()
            .SetMinimumLevel(least)
            .AddFilter("Quartz", LogLevel.Warning)
            .AddFilter("Microsoft", LogLevel.Warning);
    });
}
