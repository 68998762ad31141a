using ActivityConnector.Commands;
using ActivityConnector.Terminals;
using ActivityConnector.Tests.Shared;
using Confluent.Kafka;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>The native library under Confluent.Kafka, as a process finds it in its own folder.</summary>
public sealed class LibrdkafkaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_process_says_the_version_it_runs_on()
    {
        var (code, output, _) = await ConnectorProcess.RunAsync(_folder.Path, ["version"]);

        Assert.Equal(ExitCodes.Done, code);
        Assert.Contains($"librdkafka\t{Library.VersionString}\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_cannot_be_loaded_the_other_versions_are_said()
    {
        var (code, output, errors) = await ConnectorProcess.RunAsync(_folder.Path, ["version"], program: ProgramWithoutLibrary());

        Assert.Equal(ExitCodes.Done, code);
        Assert.Contains("librdkafka\tmissing\n", output, StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Where_it_cannot_be_loaded_a_service_with_its_journal_in_Kafka_does_not_start()
    {
        var (code, _, errors) = await ConnectorProcess.RunAsync(
            _folder.Path,
            ["run", "--set", "Journal:Kind=kafka", "--set", "Kafka:BootstrapServers=127.0.0.1:1", "--set", "Sources:Intercom:AccessToken=a"],
            program: ProgramWithoutLibrary());

        Assert.Equal(ExitCodes.MissingPart, code);
        Assert.EndsWith("A native library is missing or too old: Failed to load the librdkafka native library.", errors.Trim(), StringComparison.Ordinal);
    }

    /// <summary>The connector with text in the place of every build of the library.</summary>
    private string ProgramWithoutLibrary()
    {
        var (from, to) = (AppContext.BaseDirectory, _folder.File("program"));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (Path.GetFileName(file).Contains("librdkafka", StringComparison.Ordinal))
            {
                File.WriteAllText(copy, "no library");
            }
            else if (file == ConnectorProcess.Program)
            {
                // .NET looks for the others beside the file that a link leads to.
                File.Copy(file, copy);
            }
            else
            {
                File.CreateSymbolicLink(copy, file);
            }
        }

        return Path.Combine(to, Path.GetFileName(ConnectorProcess.Program));
    }
}
