using System.CommandLine;
using ActivityConnector.Configuration;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;

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
        var source = ChoiceOption.CreateOptional("--source", "Only this vendor's table.", Vendor.Names);
        var command = new Command("list", "Every row of the tables.") { source };
        command.SetAction(parse =>
        {
            var options = shell.ValidOptions(parse, "Transform").Transform;
            var tables = VendorTables.Of(options);
            var only = parse.GetValue(source);
            var vendors = Vendor.Names.Where(name => only is null || only == name);
            WriteRows(vendors.SelectMany(name => tables[name].Rows.Select(row => (name, row))), options, shell, parse);
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
            var options = shell.ValidOptions(parse, "Transform").Transform;
            var tables = VendorTables.Of(options);
            var (first, second) = (parse.GetRequiredValue(type), parse.GetValue(entity));
            var answers = Vendor.Names.Select(name => (Vendor: name, Answer: tables[name].Explain(first, second))).Where(a => a.Answer is not null).ToList();
            if (second is null && !answers.Exists(a => a.Answer!.IsKnown) && RowsThatBeginWith(first, tables) is { Count: > 0 } rows)
            {
                shell.Terminal.WriteError(
                    $"What {first} becomes depends on the entity type. Give one of these, or another: mapping show {rows[0].Row.Activity}.");
                WriteRows(rows, options, shell, parse);
                return ExitCodes.Done;
            }

            var answer = answers.Select(a => a.Answer!).OrderByDescending(a => a.IsKnown).First();
            if (answer.Remark is { } remark) shell.Terminal.WriteError(remark);

            var table = new ResultTable("field", "value");
            var action = answer.Fields.First(f => f.Field == "event.action").Value as string;
            foreach (var (field, value) in answer.Fields) table.Add(field, field == "event.severity" ? SeverityOf(options, action, value) : value);

            table.Write(shell.Terminal, shell.Output(parse));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>The rows of activities of two words, of which only the first was given.</summary>
    private static List<(string Vendor, VendorTableRow Row)> RowsThatBeginWith(string word, IReadOnlyDictionary<string, VendorTable> tables) =>
        [.. Vendor.Names.SelectMany(name => tables[name].Rows.Select(row => (name, row)))
            .Where(r => r.row.Activity.StartsWith(word + " ", StringComparison.OrdinalIgnoreCase))];

    private static void WriteRows(IEnumerable<(string Vendor, VendorTableRow Row)> rows, TransformOptions options, Shell shell, ParseResult parse)
    {
        var list = new ResultTable("source", "activity", "event.action", "event.category", "event.type", "event.outcome", "event.severity")
        {
            GiveWay = ["event.outcome", "event.type", "source", "event.category", "event.action"],
        };
        foreach (var (vendor, row) in rows)
        {
            list.Add(vendor, row.Activity, row.Action, row.Category, row.Type, row.Outcome, SeverityOf(options, row.Action, row.Severity));
        }

        list.Write(shell.Terminal, shell.Output(parse));
    }

    /// <summary>The configured severity of an action, else the table's.</summary>
    private static object? SeverityOf(TransformOptions options, string? action, object? severity) =>
        action is not null && options.Severity.TryGetValue(action, out var configured) ? configured : severity;
}
