using System.CommandLine;
using ActivityConnector.Commands;
using ActivityConnector.Terminals;

namespace ActivityConnector;

/// <summary>The table of contents: every command has its file in Commands.</summary>
internal static class Program
{
    public static IReadOnlyList<Func<Shell, Command>> Commands { get; } =
    [
        RunCommand.Create,
        DemoCommand.Create,
        SimulateCommand.Create,
        StatusCommand.Create,
        HealthCommand.Create,
        SourceCommand.Create,
        ValidateCommand.Create,
        ConfigCommand.Create,
        CheckCommand.Create,
        SetupCommand.Create,
        TransformCommand.Create,
        MappingCommand.Create,
        DetectionsCommand.Create,
        ExportCommand.Create,
        SchemaCommand.Create,
        CheckpointCommand.Create,
        DeadLetterCommand.Create,
        ReplayCommand.Create,
        BackfillCommand.Create,
        SweepCommand.Create,
        VerifyCommand.Create,
        DiagnosticsCommand.Create,
        CompletionCommand.Create,
        VersionCommand.Create,
    ];

    private static async Task<int> Main(string[] arguments)
    {
        using var interruption = new Interruption();
        try
        {
            return await CommandLine.InvokeAsync(arguments, Terminal.OfProcess(interruption), interruption.Token);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return interruption.ExitCode;
        }
    }
}
