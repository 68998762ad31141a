using System.Globalization;
using System.Text;
using Spectre.Console;

namespace ActivityConnector.Terminals;

/// <summary>What a command sees of the process it runs in. A test gives its own.</summary>
internal sealed record Terminal
{
    public required Stream In { get; init; }

    /// <summary>Results only, in which nothing is left that a stranger wrote: the table and the help. All else goes through the methods below.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>The bytes under <see cref="Out"/>, for data that goes to a program as it is; a terminal gets it escaped.</summary>
    public required Stream OutBytes { get; init; }

    /// <summary>Everything that is not a result.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>True when a person reads <see cref="Out"/>: tables and colours. False in a pipe: plain lines.</summary>
    public required bool IsInteractive { get; init; }

    /// <summary>The last line of <see cref="Error"/>, for a person who watches; null when standard error is not a terminal.</summary>
    public StatusLine? Status { get; init; }

    /// <summary>The columns of the window now; null when it has none, or does not tell.</summary>
    public Func<int?> WindowWidth { get; init; } = () => null;

    /// <summary>The signal that asked this process to stop, as <c>SIGTERM</c>; null as long as none did.</summary>
    public Func<string?> StopSignal { get; init; } = () => null;

    /// <summary>True when a person can answer a question on <see cref="In"/>.</summary>
    public required bool CanAsk { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required string WorkingDirectory { get; init; }

    /// <summary>How this program is started from <see cref="WorkingDirectory"/>, for commands that a person may paste.</summary>
    public string Program { get; init; } = "activity-connector";

    public required TimeProvider Clock { get; init; }

    /// <summary>How <see cref="WriteError"/> and the log write.</summary>
    public LogSettings Log { get; init; } = new();

    /// <summary>What the program calls itself in its log.</summary>
    public string ServiceName => Environment.GetValueOrDefault("OTEL_SERVICE_NAME") is { Length: > 0 } name ? name : EcsLine.DefaultServiceName;

    /// <summary>The characters of a line: what the variable <c>COLUMNS</c> says, else the window's, else 80; at least 40.</summary>
    public int Width
    {
        get
        {
            var isGiven = int.TryParse(Environment.GetValueOrDefault("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0;
            return Math.Max(LeastWidth, isGiven ? given : WindowWidth() ?? UsualWidth);
        }
    }

    private const int LeastWidth = 40;
    private const int UsualWidth = 80;

    /// <summary><see cref="Out"/> for tables and colours, without any of them where <c>NO_COLOR</c> is set or it is not a terminal.</summary>
    public IAnsiConsole OutConsole()
    {
        var isPlain = !IsInteractive || Environment.GetValueOrDefault("NO_COLOR") is { Length: > 0 };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Out),
            Ansi = isPlain ? AnsiSupport.No : AnsiSupport.Detect,
        });
        console.Profile.Width = Width;
        return console;
    }

    /// <summary>A line of the result, as <see cref="PlainText"/>.</summary>
    public void WriteLine(string line) => Out.WriteLine(PlainText.Of(line));

    /// <summary>A line that is not a result, as <see cref="PlainText"/> or, where the log is JSON, as <see cref="EcsLine"/>.</summary>
    public void WriteError(string line) => WriteError(line, LogLevel.Information);

    /// <inheritdoc cref="WriteError(string)"/>
    /// <param name="exception">Its details are a part of a JSON line; lines of text do without.</param>
    public void WriteError(string line, LogLevel level, Exception? exception = null) =>
        Error.WriteLine(Log.IsJson ? EcsLine.Of(Clock.GetUtcNow(), level, line, ServiceName, exception: exception) : PlainText.Of(line));

    /// <summary>What is written next stands at the top of an empty screen; in a pipe it follows.</summary>
    public void ClearScreen()
    {
        if (IsInteractive) Out.Write("\u001b[H\u001b[2J");
    }

    /// <summary>A line of data for a program, whole; see <see cref="OutBytes"/>.</summary>
    public void WriteData(string line) => OutBytes.Write(Encoding.UTF8.GetBytes(line + "\n"));

    public static Terminal OfProcess(Interruption interruption)
    {
        // For what is logged, too.
        var error = new StatusLine(Console.Error);
        Console.SetError(error);

        // The script ./run says what it was called as.
        var variables = System.Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? "");
        var isHosted = Path.GetFileNameWithoutExtension(System.Environment.ProcessPath) == "dotnet";
        return new()
        {
            In = Console.OpenStandardInput(),
            Out = Console.Out,
            OutBytes = Console.IsOutputRedirected ? Console.OpenStandardOutput() : new PlainStream(Console.OpenStandardOutput()),
            Error = error,
            Status = Console.IsErrorRedirected ? null : error,
            IsInteractive = !Console.IsOutputRedirected,
            CanAsk = !Console.IsInputRedirected,
            WindowWidth = () => Console.WindowWidth is > 0 and var width ? width : null,
            StopSignal = () => interruption.Signal,
            Environment = variables,
            WorkingDirectory = Directory.GetCurrentDirectory(),
            Program = variables.GetValueOrDefault("ACTIVITY_CONNECTOR_COMMAND")
                ?? (isHosted ? "dotnet " + System.Environment.GetCommandLineArgs()[0] : System.Environment.ProcessPath!),
            Clock = TimeProvider.System,
        };
    }
}
