using System.CommandLine;
using ActivityConnector.Terminals;
using ActivityConnector.Transforms.Fields;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary><c>schema</c>: what fields an event has, for programs that read events.</summary>
internal static class SchemaCommand
{
    public static Command Create(Shell shell)
    {
        var format = ChoiceOption.Create(
            "--format", "flat: events as the journal, export and Kafka hold them; nested: objects, as with Transform:Format=nested.", "flat", "nested");
        var command = new Command("schema", "Prints the JSON Schema (2020-12) of an event: every field with its type and meaning. Needs no configuration.")
        {
            format,
        };
        command.SetAction(parse =>
        {
            shell.Terminal.WriteData(EventSchema.Text(Vendor.EventFields, nested: parse.GetValue(format) == "nested", indented: true));
            return ExitCodes.Done;
        });
        return shell.WithoutResults(shell.WithoutConfiguration(command));
    }
}
