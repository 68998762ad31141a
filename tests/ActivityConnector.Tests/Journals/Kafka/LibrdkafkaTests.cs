using ActivityConnector.Commands;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Journals.Kafka;

public sealed class LibrdkafkaTests
{
    [Fact]
    public void What_the_build_provides_is_new_enough_and_can_be_asked_for_again()
    {
        Librdkafka.Use(NativeKafka.Path);
        Librdkafka.Use(NativeKafka.Path);

        Assert.True(Librdkafka.Load(NativeKafka.Path) >= Librdkafka.Oldest);
    }

    [Fact]
    public void A_path_without_a_file_is_a_missing_part()
    {
        var failure = FailureOf("/does/not/exist.so");

        Assert.Equal(ExitCodes.MissingPart, failure.ExitCode);
        Assert.Equal(
            "Kafka:NativeLibrary: there is no file /does/not/exist.so. Set Kafka:NativeLibrary to the path of librdkafka 2.11.1 or later, or leave it out "
            + "for the one that comes with the connector.",
            failure.Line);
    }

    [Fact]
    public void A_file_that_is_no_library_is_a_missing_part_with_the_systems_own_words()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "text.so");
        File.WriteAllText(path, new string('x', 10_000));

        var failure = FailureOf(path);

        Assert.Equal(ExitCodes.MissingPart, failure.ExitCode);
        Assert.StartsWith($"Kafka:NativeLibrary: {path} cannot be loaded (", failure.Line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Line);
    }

    [Fact]
    public void Another_library_is_a_missing_part()
    {
        var path = Directory.GetFiles(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "e_sqlite3.dll" : "libe_sqlite3.*", SearchOption.AllDirectories)
            .First(file => file.Contains(System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier, StringComparison.Ordinal));

        var failure = FailureOf(path);

        Assert.Equal(ExitCodes.MissingPart, failure.ExitCode);
        Assert.StartsWith($"Kafka:NativeLibrary: {path} is not librdkafka.", failure.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_path_does_not_spoil_the_right_one()
    {
        FailureOf("/does/not/exist.so");

        Librdkafka.Use(NativeKafka.Path);
    }

    [Fact]
    public async Task A_process_says_the_version_it_runs_on()
    {
        using var folder = new TemporaryFolder();

        var (code, output, _) = await ConnectorProcess.RunAsync(folder.Path, ["version"]);

        Assert.Equal(ExitCodes.Done, code);
        Assert.Contains($"librdkafka\t{Librdkafka.Load(NativeKafka.Path)}\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_without_the_library_still_says_its_other_versions()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { [NativeKafka.Variable] = "/does/not/exist.so" };

        var (code, output, errors) = await ConnectorProcess.RunAsync(folder.Path, ["version"], environment);

        Assert.Equal(ExitCodes.Done, code);
        Assert.Contains("librdkafka\tmissing\n", output, StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    private static Failure FailureOf(string path) => Failure.Of(Assert.Throws<MissingPartException>(() => Librdkafka.Use(path)));
}
