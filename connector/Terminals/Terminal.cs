using System.Text;

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

    /// <summary>True when a person can answer a question on <see cref="In"/>.</summary>
    public required bool CanAsk { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required string WorkingDirectory { get; init; }

    public required TimeProvider Clock { get; init; }

    /// <summary>A line of the result, as <see cref="PlainText"/>.</summary>
    public void WriteLine(string line) => Out.WriteLine(PlainText.Of(line));

    /// <summary>What is written next stands at the top of an empty screen; in a pipe it follows.</summary>
    public void ClearScreen()
    {
        if (IsInteractive) Out.Write("\u001b[H\u001b[2J");
    }

    /// <summary>A line that is not a result, as <see cref="PlainText"/>.</summary>
    public void WriteError(string line) => Error.WriteLine(PlainText.Of(line));

    /// <summary>A line of data for a program, whole; see <see cref="OutBytes"/>.</summary>
    public void WriteData(string line) => OutBytes.Write(Encoding.UTF8.GetBytes(line + "\n"));

    public static Terminal OfProcess() => new()
    {
        In = Console.OpenStandardInput(),
        Out = Console.Out,
        OutBytes = Console.IsOutputRedirected ? Console.OpenStandardOutput() : new PlainStream(Console.OpenStandardOutput()),
        Error = Console.Error,
        IsInteractive = !Console.IsOutputRedirected,
        CanAsk = !Console.IsInputRedirected,
        Environment = System.Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? ""),
        WorkingDirectory = Directory.GetCurrentDirectory(),
        Clock = TimeProvider.System,
    };
}
