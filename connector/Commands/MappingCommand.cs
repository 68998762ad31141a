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
            var list = new ResultTable("source", "activity", "event.action", "event.category", "event.type", "event.outcome", "event.severity")
            {
                GiveWay = ["event.outcome", "event.type", "source", "event.category", "event.action"],
            };
            foreach (var vendor in Vendor.Names.Where(name => only is null || only == name))
            {
                foreach (var row in tables[vendor].Rows)
                {
                    list.Add(vendor, row.Activity, row.Action, row.Category, row.Type, row.Outcome, SeverityOf(options, row.Action, row.Severity));
                }
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
            var options = shell.ValidOptions(parse, "Transform").Transform;
            var tables = VendorTables.Of(options);
            var answer = Vendor.Names.Select(name => tables[name].Explain(parse.GetRequiredValue(type), parse.GetValue(entity))).OfType<VendorTableAnswer>()
                .OrderByDescending(a => a.IsKnown).First();
            if (answer.Remark is { } remark) shell.Terminal.WriteError(remark);

            var table = new ResultTable("field", "value");
            var action = answer.Fields.First(f => f.Field == "event.action").Value as string;
            foreach (var (field, value) in answer.Fields) table.Add(field, field == "event.severity" ? SeverityOf(options, action, value) : value);

            table.Write(shell.Terminal, shell.Output(parse));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>The configured severity of an action, else the table's.</summary>
    private static object? SeverityOf(TransformOptions options, string? action, object? severity) =>
        action is not null && options.Severity.TryGetValue(action, out var configured) ? configured : severity;
}
