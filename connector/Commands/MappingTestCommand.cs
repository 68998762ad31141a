using System.CommandLine;
using System.Text.Json;
using ActivityConnector.Configuration;
using ActivityConnector.Terminals;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary>
/// <c>mapping test</c>: a user's own golden pairs, <c>NAME.in.json</c> with records and <c>NAME.out.json</c> with the events they must
/// become.
/// </summary>
internal static class MappingTestCommand
{
    private const string InputEnd = ".in.json";

    public static Command Create(Shell shell)
    {
        var folder = new Argument<string>("FOLDER") { Description = "Holds NAME.in.json (records) and NAME.out.json (the events, one a line)." };
        var command = new Command(
            "test",
            "Maps your records and compares with the events you expect, flat or nested. Not compared: event.created and agent.*, which differ with each run.")
        {
            folder,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var options = shell.ValidOptions(parse, "Transform");
            var path = Path.GetFullPath(parse.GetRequiredValue(folder), shell.Terminal.WorkingDirectory);
            if (!Directory.Exists(path)) throw new CommandFailedException(ExitCodes.Failed, $"There is no folder {path}.");

            var inputs = Directory.GetFiles(path, "*" + InputEnd, SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
            if (inputs.Count == 0)
            {
                throw new CommandFailedException(ExitCodes.Failed, $"There is no pair NAME{InputEnd} and NAME.out.json in {path}.");
            }

            var table = new ResultTable("pair", "event", "field", "expected", "actual") { WhenEmpty = "There is no difference." };
            var (different, broken) = (0, 0);
            foreach (var input in inputs)
            {
                var pair = Path.GetRelativePath(path, input)[..^InputEnd.Length];
                try
                {
                    var differences = await CompareAsync(input, options, shell.Terminal, cancellationToken);
                    different += differences.Count > 0 ? 1 : 0;
                    foreach (var d in differences) table.Add(pair, d.Event, d.Field, d.Expected, d.Actual);
                }
                catch (CommandFailedException e)
                {
                    // The others are still compared.
                    broken++;
                    foreach (var line in e.Lines) shell.Terminal.WriteError(line);
                }
            }

            if (different > 0 || shell.Output(parse) == OutputFormat.Json) table.Write(shell.Terminal, shell.Output(parse));

            shell.Terminal.WriteError($"{inputs.Count} pairs, {different} of them different{(broken == 0 ? "" : $", {broken} of them cannot be compared")}.");
            return different + broken == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static async Task<List<EventDifference>> CompareAsync(
        string input, ConnectorOptions options, Terminal terminal, CancellationToken cancellationToken)
    {
        var output = input[..^InputEnd.Length] + ".out.json";
        if (!File.Exists(output))
        {
            throw new CommandFailedException(ExitCodes.Failed, $"{input} has no {Path.GetFileName(output)} beside it.");
        }

        var expected = await ReadAsync(output, "", record => ExpectedEvent(record, output), cancellationToken);
        var dataset = Text(expected, "event.dataset");
        var vendor = Vendor.All.FirstOrDefault(v => dataset == EcsEvent.DatasetOf(v.Name)) ?? throw new CommandFailedException(
            ExitCodes.Failed, $"{output}: the first event needs event.dataset, {string.Join(" or ", Vendor.Names.Select(EcsEvent.DatasetOf))}.");

        var organization = Text(expected, "organization.id");
        var transform = TransformCommand.Offline(vendor, options, organization, terminal.WorkingDirectory);
        var actual = new List<JsonElement>();
        using var events = new EventBatch();
        await ReadAsync(
            input,
            vendor.RecordsProperty,
            record =>
            {
                events.Clear();
                transform.Transform(new RawActivity(record, terminal.Clock.GetUtcNow()), events);
                actual.AddRange(events.Events.Select(e => JsonDocument.Parse(e.Json).RootElement.Clone()));
                return true;
            },
            cancellationToken);
        return EventDifference.Between(expected, actual);
    }

    private static JsonElement ExpectedEvent(ReadOnlyMemory<byte> json, string path)
    {
        try
        {
            using var parsed = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });

            // Names are read here, because one with half a surrogate pair cannot be.
            var hasNames = parsed.RootElement.EnumerateObject().All(field => field.Name.Length > 0);
            return hasNames ? FlatForm.Of(parsed.RootElement) : throw new JsonException("an empty name");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CommandFailedException(ExitCodes.Failed, $"{path}: each event must be a JSON object with every field once ({e.Message})");
        }
    }

    private static string? Text(List<JsonElement> events, string field) =>
        events is [var first, ..] && first.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static async Task<List<T>> ReadAsync<T>(string path, string listName, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancellationToken)
    {
        var all = new List<T>();
        await using var stream = File.OpenRead(path);
        await foreach (var record in new RawRecords(stream, listName).ReadAsync(cancellationToken))
        {
            all.Add(record.Error is null
                ? read(record.Json)
                : throw new CommandFailedException(ExitCodes.Failed, $"{path}, line {record.Line}: {record.Error}"));
        }

        return all;
    }
}
