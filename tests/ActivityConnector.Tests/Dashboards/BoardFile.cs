using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using ActivityConnector.Tests.Charts;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>Reads the description of the dashboard and gives each panel its place. A key that it does not know is an error.</summary>
internal static partial class BoardFile
{
    public const int Columns = 48;

    private const int HeadingHeight = 3;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters =
        {
            new JsonStringEnumConverter<BoardKind>(JsonNamingPolicy.KebabCaseLower),
            new Terse<BoardDimension>(text => new(text)),
            new Terse<BoardMetric>(Metric),
            new Terse<BoardOrder>(text => new(text.Split(' ')[0], text.Split(' ')[1])),
        },
    };

    /// <param name="root">The folder of the repository.</param>
    public static Board Read(string root) => Parse(File.ReadAllText(Path.Combine(root, "config", "kibana", "dashboard.yml")));

    public static Board Parse(string yaml)
    {
        var board = Yaml.Documents(yaml).Single().Deserialize<Board>(Json)!;
        return board with { Panels = [.. Placed(board.Panels)] };
    }

    private static IEnumerable<BoardPanel> Placed(IEnumerable<BoardPanel> panels)
    {
        var (x, y, row) = (0, 0, 0);
        foreach (var panel in panels)
        {
            var (width, height) = (panel.Heading, panel.Size) switch
            {
                (not null, null) => (Columns, HeadingHeight),
                (null, [> 0 and <= Columns and var columns, > 0 and var rows]) => (columns, rows),
                _ => throw new InvalidDataException(
                    $"The panel '{panel.Id}' needs a size such as [24, 10], of at most {Columns} columns; a heading has none."),
            };
            if (x + width > Columns) (x, y, row) = (0, y + row, 0);

            yield return panel with { Id = panel.Heading is null ? panel.Id : IdOf(panel.Heading), Place = new(x, y, width, height) };
            (x, row) = (x + width, Math.Max(row, height));
        }
    }

    private static string IdOf(string heading) => "heading-" + NoLetters().Replace(heading.ToLowerInvariant(), "-").Trim('-');

    private static BoardMetric Metric(string text) => text.Split(' ') switch
    {
        ["count"] => new(BoardMeasure.Count, null, 0),
        ["unique", var field] => new(BoardMeasure.Unique, field, 0),
        ["max", var field] => new(BoardMeasure.Max, field, 0),
        [['p', .. var percent], var field] => new(BoardMeasure.Percentile, field, int.Parse(percent, CultureInfo.InvariantCulture)),
        _ => throw new InvalidDataException($"'{text}' is no number of a panel: write count, unique FIELD, max FIELD, p50 FIELD or p95 FIELD."),
    };

    [GeneratedRegex("[^a-z]+")]
    private static partial Regex NoLetters();

    /// <summary>A value that is mostly written as a text.</summary>
    private sealed class Terse<T>(Func<string, T> parse) : JsonConverter<T>
    {
        public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String ? parse(reader.GetString()!) : JsonSerializer.Deserialize<T>(ref reader, Plain);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => throw new NotSupportedException();

        private static JsonSerializerOptions Plain { get; } = new(JsonSerializerDefaults.Web)
        {
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectRequiredConstructorParameters = true,
        };
    }
}
