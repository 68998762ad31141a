using ActivityConnector.Configuration;

namespace ActivityConnector.Commands;

internal static class RunVerb
{
    public static Task<int> ExecuteAsync(ConnectorOptions options, bool once, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"run {options.Journal.Path} {once} {cancellationToken.CanBeCanceled}");
}
