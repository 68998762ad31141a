using System.CommandLine;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Commands;

/// <summary><c>setup</c>: makes what the connector needs in other systems. Safe to repeat.</summary>
internal static class SetupCommand
{
    public static Command Create(Shell shell) => new("setup", "Makes what the connector needs in other systems. Safe to repeat.")
    {
        Kafka(shell), SetupElasticsearch.Create(shell), SetupDashboards.CreateKibana(shell), SetupDashboards.CreateOpenSearchDashboards(shell),
    };

    private static Command Kafka(Shell shell)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Creates nothing: prints what would be created." };
        var command = new Command(
            "kafka",
            "The topics, and the schema of their values where Kafka:SchemaRegistry names a registry: makes what is missing, and reports what differs.")
        {
            dryRun,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = CommandJournal.Options(shell, parse);
            if (options.Journal.Kind != JournalKind.Kafka)
            {
                throw new CommandFailedException(
                    ExitCodes.Configuration, "The journal is not in Kafka. Set Journal:Kind to Kafka, and Kafka:BootstrapServers.");
            }

            var clients = new KafkaClients(options.Kafka, NullLogger.Instance);
            using var setup = new TopicSetup(clients, options.Journal.Retention, Vendor.Names, shell.Terminal.Clock);
            var only = parse.GetValue(dryRun);
            var topics = await setup.ApplyAsync(create: !only, cancellationToken);
            var table = new ResultTable("topic", "state", "found", "fix");
            foreach (var (wanted, topic) in setup.Wanted.Zip(topics))
            {
                if (only && topic.State == TopicState.Missing)
                {
                    table.Add(topic.Topic, "would be created", wanted.ToString(), null);
                }
                else if (topic.Problems.Count > 0)
                {
                    table.Add(topic.Topic, "wrong", string.Join(" ", topic.Problems), string.Join(" ", topic.Fixes.Distinct()));
                }
                else
                {
                    table.Add(topic.Topic, topic.State == TopicState.Created ? "created" : "exists", topic.Found, null);
                }
            }

            var areTopicsWell = topics.All(t => t.Problems.Count == 0 || (only && t.State == TopicState.Missing));
            var areSchemasWell = await SchemasAsync(options.Kafka, only, shell.Terminal.Clock, table, cancellationToken);
            table.Write(shell.Terminal, shell.Output(parse));
            return areTopicsWell && areSchemasWell ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    /// <summary>Adds a row for each schema in the registry; none where there is no registry.</summary>
    /// <returns>Whether all is as it must be.</returns>
    private static async Task<bool> SchemasAsync(KafkaOptions options, bool only, TimeProvider time, ResultTable table, CancellationToken cancellationToken)
    {
        try
        {
            var subjects = await new ValueSchemas(options, Vendor.Names, Vendor.EventSchema, time).ApplyAsync(register: !only, cancellationToken);
            foreach (var subject in subjects)
            {
                var state = subject.State switch
                {
                    SchemaState.Registered => "exists",
                    SchemaState.RegisteredNow => "created",
                    SchemaState.Missing => only ? "would be created" : "missing",
                    _ => "wrong",
                };
                table.Add($"schema {subject.Subject}", state, subject.State == SchemaState.Incompatible ? subject.Problem : subject.Found, subject.Fix);
            }

            return subjects.All(subject => subject.Problem is null || (only && subject.State == SchemaState.Missing));
        }
        catch (JournalException e)
        {
            // The topics are made, and their rows are shown all the same.
            table.Add("schema registry", "wrong", e.Message, e.Fix);
            return false;
        }
    }
}
