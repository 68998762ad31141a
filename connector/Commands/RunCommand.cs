using System.CommandLine;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Commands;

/// <summary><c>run</c>: the service.</summary>
internal static class RunCommand
{
    public static Command Create(Shell shell)
    {
        var role = ChoiceOption.Create("--role", "all; collect: from the sources to the journal; index: from the journal to Elasticsearch.", "all", "collect", "index");
        var once = new Option<bool>("--once") { Description = "Every source up to the present, a sweep that is due, every sink drained, then exit: for a CronJob, a test, a person." };
        var timeout = DurationOption.Create("--timeout", "With --once: when the run ends although the present is not reached; the next one goes on.", TimeSpan.FromMinutes(30));
        var command = new Command("run", "Collects every source that is on and brings events to Elasticsearch, until it is stopped.") { role, once, timeout };
        command.SetAction((parse, cancellationToken) =>
        {
            var part = Enum.Parse<Role>(parse.GetRequiredValue(role), ignoreCase: true);
            var options = part == Role.Index ? shell.ValidOptions(parse, "Journal", "Kafka", "Elasticsearch", "Transform") : shell.ValidOptions(parse);
            Check(part, options);
            return RunVerb.ExecuteAsync(options, part, parse.GetValue(once), parse.GetValue(timeout), shell.Terminal, shell.Output(parse), cancellationToken);
        });
        return command;
    }

    /// <summary>A part of the connector alone needs another one for the rest, and the two need a journal that both can reach.</summary>
    private static void Check(Role role, ConnectorOptions options)
    {
        var problem = role switch
        {
            not Role.All when options.Journal.Kind == JournalKind.Sqlite => new ConfigurationProblem(
                "Journal:Kind", "Collecting and indexing can only be apart with a journal in Kafka: one process owns a SQLite file.",
                "Leave --role out, or set Journal:Kind to Kafka."),
            Role.Index when !options.Elasticsearch.IsOn => new ConfigurationProblem(
                "Elasticsearch:Urls", "There is nothing to index into.", "Give the nodes as https://host:9200."),
            _ => null,
        };
        if (problem is not null)
        {
            throw new VerbFailedException(ExitCodes.Configuration, problem.ToString());
        }
    }
}
