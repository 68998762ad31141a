using Microsoft.Extensions.Logging.Console;

namespace ActivityConnector.Terminals;

/// <summary>The log of a running connector, on standard error.</summary>
internal static class OperatorLog
{
    public static ILoggerFactory Create(TimeProvider clock, LogLevel least = LogLevel.Information) => LoggerFactory.Create(logging =>
    {
        logging.Services.AddSingleton(clock);
        logging
            .AddConsole(console =>
            {
                console.FormatterName = OperatorLogFormatter.FormatterName;
                console.LogToStandardErrorThreshold = LogLevel.Trace;
            })
            .AddConsoleFormatter<OperatorLogFormatter, ConsoleFormatterOptions>()
            .SetMinimumLevel(least)
            .AddFilter("Quartz", LogLevel.Warning)
            .AddFilter("Microsoft", LogLevel.Warning);
    });
}
