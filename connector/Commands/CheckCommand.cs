using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Terminals;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Commands;

/// <summary><c>check</c>: the configuration, online. Reads nothing into the journal, and disturbs no connector that runs.</summary>
internal static class CheckCommand
{
    /// <summary>
    /// Half of what a run accepts (<see cref="Sources.Http.ServerClock.Tolerance"/>): the operator learns of it before runs end as <c>clock</c>.
    /// </summary>
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(1);

    public static Command Create(Shell shell)
    {
        var command = new Command(
            "check",
            "Tries the configuration on the real systems: credential, permission, region and clock of every source, "
            + "and everything that the journal and Elasticsearch need.");
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = shell.ValidOptions(parse);
            var parts = new SourceParts(options, new AgentIdentity("", "", ConnectorHost.Version), shell.Terminal.Clock, NullLoggerFactory.Instance);
            var results = new List<CheckResult>();
            foreach (var source in Vendor.All.SelectMany(vendor => vendor.Sources(options.Sources, parts)))
            {
                await foreach (var result in CheckAsync(source, cancellationToken))
                {
                    results.Add(result);
                }
            }

            results.AddRange(await ConfiguredJournal.CheckAsync(options, shell.Terminal.Clock, cancellationToken));
            if (options.Elasticsearch.IsOn)
            {
                results.AddRange(await ElasticsearchCheck.RunAsync(options.Elasticsearch, shell.Terminal.Clock, cancellationToken));
            }

            var table = new ResultTable("part", "result", "found", "fix") { WhenEmpty = "There is nothing to check: no source is on." };
            foreach (var result in results) table.Add(result.Part, Text(result), result.Found, result.Fix);

            table.Write(shell.Terminal, shell.Output(parse));
            return results.All(f => f.Passed) ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static string Text(CheckResult result) => result.IsUnknown ? "not checked" : result.Passed ? "pass" : "fail";

    private static async IAsyncEnumerable<CheckResult> CheckAsync(
        ConfiguredSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SourceIdentity? account = null;
        var credential = await TryAsync($"credential of {source.Name}", async () =>
        {
            account = await source.Source.IdentifyAsync(cancellationToken);
            var name = account.OrganizationName is { } organization ? $" ({organization})" : "";
            return $"The vendor accepts it; the account is {account.Account}{name}.";
        });
        yield return account?.Unchecked is { } why
            ? CheckResult.NotChecked(credential.Part, $"{why}. The configured account {account.Account} is believed.")
            : credential;
        if (account is null) yield break;

        // Its permission is only known by using it.
        yield return await TryAsync($"records of {source.Name}", async () =>
        {
            var records = await source.Source.ProbeAsync(cancellationToken);
            return records == 0 ? "They may be read; there is none yet." : $"They may be read; the newest page has {records}.";
        });
        if (account.ClockAhead is { } ahead) yield return Clock(source.Name, ahead);
    }

    private static async Task<CheckResult> TryAsync(string part, Func<Task<string>> attempt)
    {
        try
        {
            return new CheckResult(part, await attempt());
        }
        catch (SourceException e)
        {
            return new CheckResult(part, e.Message, e.Fix);
        }
    }

    private static CheckResult Clock(string source, TimeSpan ahead) => new(
        $"clock against {source}",
        Math.Abs(ahead.TotalSeconds) < 0.5
            ? "This host's shows the same time."
            : string.Create(CultureInfo.InvariantCulture, $"This host's is {Math.Abs(ahead.TotalSeconds):0} s {(ahead < TimeSpan.Zero ? "ahead" : "behind")}."),
        ahead.Duration() > MostSkew ? "Let this host follow a time server." : null);
}
