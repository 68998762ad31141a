using System.Text;
using ActivityConnector.Commands;
using ActivityConnector.Terminals;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Commands;

/// <summary>The command line in a folder of its own, as a pipe sees it.</summary>
internal sealed class Session : IDisposable
{
    /// <summary>Nobody writes there and nobody reads.</summary>
    public static Terminal Nowhere { get; } = new()
    {
        In = Stream.Null,
        Out = TextWriter.Null,
        OutBytes = Stream.Null,
        Error = TextWriter.Null,
        IsInteractive = false,
        CanAsk = false,
        Environment = new Dictionary<string, string>(),
        WorkingDirectory = Path.GetTempPath(),
        Clock = TimeProvider.System,
    };

    public Dictionary<string, string> Environment { get; } = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("session").FullName;

    public string Input { get; set; } = "";

    /// <summary>Called when the last byte of the input was read.</summary>
    public Action? AtEndOfInput { get; set; }

    /// <summary>What a signal does to the process.</summary>
    public CancellationToken Stop { get; init; }

    public bool CanAsk { get; set; }

    public ManualTimeProvider Time { get; } = new();

    /// <summary>Another clock than <see cref="Time"/>, where a command waits for a server.</summary>
    public TimeProvider? Clock { get; init; }

    public string Out { get; private set; } = "";

    public string Error { get; private set; } = "";

    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string JournalPath => Path.Combine(Folder, "data", "journal.db");

    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public async Task<int> RunAsync(params string[] arguments)
    {
        using var bytes = new MemoryStream();
        await using var output = new StreamWriter(bytes, new UTF8Encoding(false)) { AutoFlush = true };
        using var error = new StringWriter();
        var terminal = Nowhere with
        {
            In = new LastRead(Encoding.UTF8.GetBytes(Input), () => AtEndOfInput?.Invoke()),
            Out = output,
            OutBytes = bytes,
            Error = error,
            CanAsk = CanAsk,
            Environment = Environment,
            WorkingDirectory = Folder,
            Clock = Clock ?? Time,
        };
        var code = await CommandLine.InvokeAsync(arguments, terminal, Stop);
        (Out, Error) = (Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
        return code;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private sealed class LastRead(byte[] bytes, Action atEnd) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            count = base.Read(buffer, offset, count);
            if (Position == Length) atEnd();

            return count;
        }
    }
}
