using ActivityConnector.Configuration;

namespace ActivityConnector.Commands;

internal static class DemoVerb
{
    public static Task<int> ExecuteAsync(ConnectorOptions options, bool once, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"demo {options.Journal.Path} {once} {cancellationToken.CanBeCanceled}");
}
