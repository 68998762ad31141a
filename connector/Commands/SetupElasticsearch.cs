using System.CommandLine;
using ActivityConnector.Configuration;
using ActivityConnector.Sinks.Elasticsearch;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary><c>setup elasticsearch</c>: the templates and policies, for a user that may install them.</summary>
internal static class SetupElasticsearch
{
    public static Command Create(Shell shell)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Installs nothing: prints what would be put where." };
        var command = new Command("elasticsearch", "Templates and policies: installs those that are missing or of an older version.") { dryRun };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = Options(shell, parse);
            using var client = new ClusterClient(options, shell.Terminal.Clock);
            var root = await client.GetAsync("", cancellationToken);
            if (root.Status is not (200 or 403))
            {
                throw new CommandFailedException(ExitCodes.Failed, $"Elasticsearch does not answer as it should ({root}). The command check shows more.");
            }

            var plan = SetupPlan.Of(options.SetupFolder!, options, ServerInfo.Of(root));
            if (parse.GetValue(dryRun))
            {
                foreach (var step in plan) shell.Terminal.WriteData($"PUT {step.Path}\n{step.Body}\n");

                return ExitCodes.Done;
            }

            var results = await ClusterSetup.RunAsync(client, plan, install: true, cancellationToken);
            var table = new ResultTable("kind", "name", "outcome", "answer");
            foreach (var (step, outcome, said) in results)
            {
                table.Add(step.Kind, step.Name, TextOf(outcome), said.IsSuccess ? null : $"{said} {said.Error.Reason}".TrimEnd());
            }

            table.Write(shell.Terminal, shell.Output(parse));
            var isDone = results.All(r => r.Outcome is SetupOutcome.Present or SetupOutcome.Installed or SetupOutcome.Unsupported);
            return isDone ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    /// <summary>The section, which has to be on.</summary>
    public static ElasticsearchOptions Options(Shell shell, ParseResult parse)
    {
        var options = shell.ValidOptions(parse, "Elasticsearch").Elasticsearch;
        return options.IsOn
            ? options
            : throw new CommandFailedException(
                ExitCodes.Configuration,
                new ConfigurationProblem("Elasticsearch:Urls", "It is empty.", "Give the nodes as https://host:9200.").ToString());
    }

    private static string TextOf(SetupOutcome outcome) => outcome switch
    {
        SetupOutcome.Present => "is there",
        SetupOutcome.Installed => "installed",
        SetupOutcome.Missing => "missing, and this user may not install it",
        SetupOutcome.Denied => "this user may not see it",
        SetupOutcome.Unsupported => "this server has no such thing",
        _ => "failed",
    };
}
