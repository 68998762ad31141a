using System.Globalization;
using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;
using Spectre.Console;

namespace ActivityConnector.Commands;

/// <summary>Events for a person who watches: one line each, the severity in colour on a terminal.</summary>
internal sealed class EventLines(Terminal terminal)
{
    private readonly IAnsiConsole? _console = terminal.IsInteractive ? terminal.OutConsole() : null;

    public void Write(IEnumerable<JournalEvent> events)
    {
        foreach (var e in events)
        {
            using var json = JsonDocument.Parse(e.Json);
            var severity = json.RootElement.TryGetProperty("event.severity", out var number) ? number.GetInt32() : 0;
            var line = PlainText.Of(string.Create(
                CultureInfo.InvariantCulture,
                $"{e.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z  {e.Source.Source,-8}  {severity,3}  {Text(json, "event.action"),-34}  "
                + $"{Text(json, "user.email") ?? Text(json, "user.id"),-28}  {Text(json, "message")}"));
            if (_console is null)
            {
                terminal.WriteLine(line);
            }
            else
            {
                var fits = terminal.Width - 1;
                _console.WriteLine(line.Length > fits ? line[..(fits - 1)] + "…" : line, Colour(severity));
            }
        }
    }

    private static Style Colour(int severity) => severity switch
    {
        >= 73 => new Style(Color.Red),
        >= 47 => new Style(Color.Yellow),
        >= 21 => Style.Plain,
        _ => new Style(decoration: Decoration.Dim),
    };

    private static string? Text(JsonDocument json, string field) => json.RootElement.TryGetProperty(field, out var value) ? value.GetString() : null;
}
