using System.CommandLine;
using System.Net;
using System.Text;
using ActivityConnector.Admin;
using ActivityConnector.Configuration;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>
/// <c>health</c>: what the running connector says of itself, as an exit code, for the health check of a container that has no shell and no other program.
/// </summary>
internal static class HealthCommand
{
    private const int MostBytes = 64 * 1024;

    /// <summary>A connector that answers later is of no use to the one that asks.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);

    public static Command Create(Shell shell)
    {
        var live = new Option<bool>("--live")
        {
            Description = "Asks only whether the process answers (/livez), which no outage of a vendor or a server changes.",
        };
        var command = new Command(
            "health",
            "Asks the running connector at Admin:Url whether every source and sink does its work (/readyz); it needs no token. Exit code 0 when they "
            + "do, else 1, with the reason in a line. For the health check of a container.")
        {
            live,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var failure = await FailureAsync(shell.Configuration(parse), parse.GetValue(live) ? "livez" : "readyz", cancellationToken);
            if (failure is null)
            {
                shell.Terminal.WriteLine(HealthEndpoints.Well.TrimEnd());
                return ExitCodes.Done;
            }

            shell.Terminal.WriteError(failure, LogLevel.Error);
            return ExitCodes.Failed;
        });
        return shell.WithoutResults(command);
    }

    /// <summary>Why it is not well; null when it is.</summary>
    private static async Task<string?> FailureAsync(LoadedConfiguration loaded, string path, CancellationToken cancellationToken)
    {
        // The connector judges the rest of the configuration at its start: what was changed since then does not concern it.
        if (loaded.Problems.FirstOrDefault(p => !p.IsWarning && (p.Key == loaded.File || p.Key == "Admin:Url")) is { } problem) return problem.ToString();

        using var http = RunningConnector.Client(loaded.Options.Admin);
        if (http is null) return "Admin:Enabled is false: a running connector cannot be asked.";

        http.MaxResponseContentBufferSize = MostBytes;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Longest);
        try
        {
            using var response = await http.GetAsync(path, patience.Token);
            var text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(patience.Token));
            return response.StatusCode switch
            {
                HttpStatusCode.OK when text == HealthEndpoints.Well => null,
                HttpStatusCode.ServiceUnavailable when text.Trim().Length > 0 => text.TrimEnd().Replace("\n", "; ", StringComparison.Ordinal),
                _ => $"What listens at {http.BaseAddress} is no connector: it answers {(int)response.StatusCode} at /{path}.",
            };
        }
        catch (HttpRequestException e)
        {
            return $"No connector answers at {http.BaseAddress}: {e.Message}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The connector at {http.BaseAddress} does not answer within {Longest.TotalSeconds} seconds.";
        }
    }
}
