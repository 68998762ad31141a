using System.Text.Json.Serialization;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>The dashboard and the saved searches, as <c>config/kibana/dashboard.yml</c> describes them.</summary>
/// <param name="From">The beginning of the period that the dashboard opens with, as Kibana writes it.</param>
/// <param name="To">Its end.</param>
internal sealed record Board(
    string Id,
    string Title,
    string Description,
    string From,
    string To,
    BoardDataView DataView,
    IReadOnlyList<BoardDelay> Delays,
    IReadOnlyList<BoardSeverity> Severities,
    IReadOnlyList<BoardControl> Controls,
    IReadOnlyList<BoardSearch> Searches,
    IReadOnlyList<BoardPanel> Panels)
{
    /// <summary>The saved search that a panel shows.</summary>
    public BoardSearch SearchOf(BoardPanel panel) => Searches.FirstOrDefault(search => search.Id == panel.Search)
        ?? throw new InvalidDataException($"The panel {panel.Id} shows the search '{panel.Search}', which is not among the searches.");

    public string TitleOf(BoardPanel panel) => panel.Title ?? SearchOf(panel).Title;

    public string QueryOf(BoardPanel panel) => panel.Kind == BoardKind.Search ? SearchOf(panel).Query : panel.Query;
}

/// <summary>The indices that everything is read from.</summary>
internal sealed record BoardDataView(string Id, string Title, string Name, string TimeField);

/// <summary>A number of seconds between two times of an event, which no document holds.</summary>
internal sealed record BoardDelay(string Name, string Label, string From, string To)
{
    /// <summary>Painless, as a runtime field has it.</summary>
    public string RuntimeScript => $"if ({Known}) {{ emit({Seconds}); }}";

    /// <summary>Painless, as an aggregation and a scripted field of OpenSearch Dashboards have it.</summary>
    public string ValueScript => $"return {Known} ? {Seconds} : null;";

    private string Known => $"doc['{From}'].size() != 0 && doc['{To}'].size() != 0";

    private string Seconds => $"(doc['{To}'].value.toInstant().toEpochMilli() - doc['{From}'].value.toInstant().toEpochMilli()) / 1000.0";
}

/// <summary>The colour of a range of severities, both ends included.</summary>
internal sealed record BoardSeverity(int From, int To, string Color);

/// <summary>A list of values that a person narrows the dashboard with.</summary>
internal sealed record BoardControl(string Field, string Title);

/// <summary>A saved search.</summary>
internal sealed record BoardSearch(
    string Id, string Title, string Description, IReadOnlyList<string> Columns, string Query = "", IReadOnlyList<BoardOrder>? Sort = null)
{
    public IReadOnlyList<BoardOrder> Order => Sort ?? [new("@timestamp", "desc")];
}

/// <summary>What a search is sorted by.</summary>
internal sealed record BoardOrder(string Field, string Direction);

/// <summary>What a panel draws.</summary>
internal enum BoardKind
{
    Heading,
    OverTime,
    Metric,
    Bars,
    Pie,
    Table,
    HeatMap,
    Search,
}

/// <summary>One panel of the dashboard.</summary>
/// <param name="Size">Columns of 48, and rows.</param>
internal sealed record BoardPanel(
    string Id = "",
    string? Heading = null,
    string? Title = null,
    BoardKind Kind = BoardKind.Heading,
    string Query = "",
    IReadOnlyList<BoardDimension>? By = null,
    IReadOnlyList<BoardMetric>? Show = null,
    string? Search = null,
    string? Color = null,
    IReadOnlyList<int>? Size = null)
{
    [JsonIgnore]
    public BoardPlace Place { get; init; } = new(0, 0, 0, 0);

    public IReadOnlyList<BoardDimension> Dimensions => By ?? [];

    public IReadOnlyList<BoardMetric> Metrics => Show ?? [new(BoardMeasure.Count, null, 0)];
}

/// <summary>Where a panel stands.</summary>
internal sealed record BoardPlace(int X, int Y, int Width, int Height);

/// <summary>A field by whose values a panel groups events.</summary>
/// <param name="Size">How many values, the most frequent first.</param>
/// <param name="Missing">Whether events without the field are a group too.</param>
/// <param name="Include">The regular expression of the values that count.</param>
internal sealed record BoardDimension(string Field, int Size = 10, bool Missing = false, string? Include = null);

/// <summary>What a metric does.</summary>
internal enum BoardMeasure
{
    Count,
    Unique,
    Max,
    Percentile,
}

/// <summary>A number of a group of events.</summary>
internal sealed record BoardMetric(BoardMeasure Measure, string? Field, int Percent)
{
    /// <summary>Whether groups can be put in its order.</summary>
    public bool Orders => Measure != BoardMeasure.Percentile;

    public string Label(Board board) => Measure switch
    {
        BoardMeasure.Count => "Events",
        BoardMeasure.Unique => $"Unique {Name(board)}",
        BoardMeasure.Max => $"Last {Name(board)}",
        _ => $"{Name(board)}, p{Percent}",
    };

    private string Name(Board board) => board.Delays.FirstOrDefault(delay => delay.Name == Field)?.Label ?? Field!;
}
