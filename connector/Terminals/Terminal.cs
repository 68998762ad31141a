namespace ActivityConnector.Terminals;

/// <summary>What a command sees of the process it runs in. A test gives its own.</summary>
internal sealed record Terminal
{
    public required Stream In { get; init; }

    /// <summary>Results only.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>The bytes under <see cref="Out"/>, for results too large or too many to be text first.</summary>
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

    /// <summary>What a vendor or a file wrote must not steer the terminal, nor break a line of a pipe.</summary>
    public static string Plain(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;

    public static Terminal OfProcess() => new()
    {
        In = Console.OpenStandardInput(),
        Out = Console.Out,
        OutBytes = Console.OpenStandardOutput(),
        Error = Console.Error,
        IsInteractive = !Console.IsOutputRedirected,
        CanAsk = !Console.IsInputRedirected,
        Environment = System.Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? ""),
        WorkingDirectory = Directory.GetCurrentDirectory(),
        Clock = TimeProvider.System,
    };
}
