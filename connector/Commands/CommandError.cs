using ActivityConnector.Dashboards;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary>What a failure means to the caller: the exit code, and one line, or a line a problem, that names cause and fix.</summary>
internal sealed record CommandError(int ExitCode, params IReadOnlyList<string> Lines)
{
    public static CommandError Of(Exception exception) => exception switch
    {
        CommandFailedException e => new(e.ExitCode, e.Lines),
        JournalBusyException e => new(ExitCodes.Busy, $"{e.Message} {e.Fix}"),
        JournalFencedException e => new(ExitCodes.Busy, $"{e.Message} {e.Fix}"),
        JournalStandbyException e => new(ExitCodes.Busy, $"{e.Message} {e.Fix}"),
        UnknownSourceException e => new(ExitCodes.WrongUsage, $"{e.Message} {e.Fix}"),
        SecretFileException e => new(ExitCodes.Configuration, $"{e.Message} {e.Fix}"),
        JournalMisconfiguredException e => new(ExitCodes.Configuration, $"{e.Message} {e.Fix}"),
        ChangeRefusedException e => new(ExitCodes.Failed, $"{e.Message} {e.Fix}"),
        JournalException e => new(ExitCodes.Failed, $"{e.Message} {e.Fix}"),
        SourceException e => new(ExitCodes.Failed, $"{e.Message} {e.Fix}"),
        DashboardsException e => new(ExitCodes.Failed, $"{e.Message} {e.Fix}"),
        SinkException e => new(ExitCodes.Failed, $"{e.Message} {e.Fix}"),
        DllNotFoundException or FileLoadException or TypeInitializationException { InnerException: DllNotFoundException } =>
            new(ExitCodes.MissingPart, $"A native library is missing or too old: {(exception.InnerException ?? exception).Message}"),
        IOException or UnauthorizedAccessException => new(ExitCodes.Failed, exception.Message),
        _ => new(ExitCodes.InternalError, $"Internal error: {exception.GetType().Name}: {exception.Message}"),
    };
}
