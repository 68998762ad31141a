using System.CommandLine;
using ActivityConnector.Configuration;
using ActivityConnector.Transforms;

namespace ActivityConnector.Commands;

/// <summary><c>mapping</c>: the tables that decide what an activity is in ECS terms.</summary>
internal static class MappingCommand
{
    public static Command Create(Shell shell) => new("mapping", "The mapping tables, and your own golden pairs against them.")
    {
        List(shell), Show(shell), MappingTestCommand.Create(shell),
    };

    private static Command List(Shell shell)
    {
        var source = ChoiceOption.CreateOptional("--source", "Only this vendor's table.", "intercom", "sequence");
        var command = new Command("list", "Every row of both tables.") { source };
        command.SetAction(parse =>
        {
            var tables = MappingTables.Of(shell.ValidOptions(parse, "Transform").Transform);
            var only = parse.GetValue(source);
            var list = new ResultTable("source", "activity", "event.action", "event.category", "event.type", "event.outcome", "event.severity");
            foreach (var row in only == "sequence" ? [] : tables.Intercom.Rows)
            {
                var c = row.Classification;
                list.Add("intercom", row.ActivityType, c.Action, string.Join('|', c.Categories), string.Join('|', c.Types), c.Outcome, c.Severity);
            }

            foreach (var row in only == "intercom" ? [] : tables.Sequence.Rows)
            {
                list.Add("sequence", $"{row.Verb} {row.EntityType}", row.Action, row.Category, row.Type, row.Outcome, row.Severity);
            }

            list.Write(shell.Terminal, shell.Output(parse));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show(Shell shell)
    {
        var type = new Argument<string>("TYPE") { Description = "An activity type of Intercom, or a verb of Sequence." };
        var entity = new Argument<string?>("ENTITY") { Description = "The entity type, for a verb of Sequence.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("show", "What an activity becomes and why: mapping show admin_deletion, or mapping show CREATED INVOICE.") { type, entity };
        command.SetAction(parse =>
        {
            var tables = MappingTables.Of(shell.ValidOptions(parse, "Transform").Transform);
            var table = new ResultTable("field", "value");
            if (parse.GetValue(entity) is { } entityType)
            {
                Fill(table, tables.Sequence, parse.GetRequiredValue(type), entityType);
            }
            else
            {
                Fill(table, tables.Intercom, parse.GetRequiredValue(type), shell.Terminal.Error);
            }

            table.Write(shell.Terminal, shell.Output(parse));
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Fill(ResultTable table, IntercomTable intercom, string type, TextWriter notes)
    {
        var row = intercom.Find(type);
        if (row is null)
        {
            var near = Suggestion.For(type, intercom.Rows.Select(r => r.ActivityType));
            notes.WriteLine($"The table does not know {type}: this is what the rules for unknown types make of its name.{(near is null ? "" : $" Did you mean {near}?")}");
        }

        table.Add("source", "intercom");
        Fill(table, intercom.Classify(type));
        table.Add("why", row?.Why);
        table.Add("since", row?.Since);
    }

    private static void Fill(ResultTable table, SequenceTable sequence, string verb, string entityType)
    {
        var row = sequence.Find(verb, entityType);
        table.Add("source", "sequence");
        Fill(table, sequence.Classify(verb, entityType));
        table.Add("row", $"{row.Verb} {row.EntityType}");
        table.Add("basis", row.Basis);
        table.Add("why", row.Why);
    }

    private static void Fill(ResultTable table, Classification c)
    {
        table.Add("event.action", c.Action);
        table.Add("event.category", string.Join('|', c.Categories));
        table.Add("event.type", string.Join('|', c.Types));
        table.Add("event.outcome", c.Outcome);
        table.Add("event.severity", c.Severity);
        table.Add("known", c.IsKnown);
    }
}
