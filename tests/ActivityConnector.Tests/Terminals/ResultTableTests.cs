using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ActivityConnector.Terminals;
using ActivityConnector.Tests.Shared;
using FsCheck;
using FsCheck.Fluent;
using Spectre.Console.Rendering;

namespace ActivityConnector.Tests.Terminals;

/// <summary>A table as a person reads it, at the widths that terminals have.</summary>
public sealed class ResultTableTests
{
    private const ulong Seed = 20261201;
    private const ulong Gamma = 20261203;

    private static readonly string[] Words =
    [
        "It", "answers", "with", "404", "and", "not", "permanently", "2026-11-21T20:00:00Z", "Sources:Intercom:BaseUrl", "漢字", "naïve", "https://es-1:9200",
    ];

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(132)]
    public void No_line_is_wider_than_the_terminal_and_no_time_id_or_word_is_broken(int width) => Prop.ForAll(
            Rows().ToArbitrary(),
            rows =>
            {
                var table = new ResultTable("id", "stage", "committed_at", "source", "count", "lasted", "reason") { GiveWay = ["count", "lasted", "source"] };
                foreach (var row in rows) table.Add(row);

                var (output, error) = Written(table, OutputFormat.Table, width);

                Assert.All(output.Split('\n'), line => Assert.InRange(new Segment(line).CellCount(), 0, width));
                Assert.Equal(string.Empty, string.Concat(output.Where(char.IsControl).Where(c => c != '\n')));
                var hidden = error.Length == 0 ? [] : error.Split(": ")[1].Split(". ")[0].Split(", ");
                foreach (var (name, i) in new[] { ("id", 0), ("committed at", 2), ("source", 3), ("count", 4) }.Where(c => !hidden.Contains(c.Item1)))
                {
                    Assert.All(rows, row => Assert.Contains(Text(row[i]), output, StringComparison.Ordinal));
                }

                foreach (var word in rows.SelectMany(row => ((string)row[6]!).Split(' '))) Assert.Contains(word, output, StringComparison.Ordinal);
            })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(Seed, Gamma));

    [Fact]
    public void What_gives_way_is_named_in_a_line_and_nothing_does_where_all_have_room()
    {
        var table = new ResultTable("name", "kind", "sequence", "at") { GiveWay = ["kind", "sequence"] };
        table.Add("intercom/abc123-of-a-long-name", "window-of-a-source", 7, new ManualTimeProvider().GetUtcNow());

        var (narrow, said) = Written(table, OutputFormat.Table, 62);
        Assert.Equal(
            """
            name                            sequence  at
            ──────────────────────────────  ────────  ────────────────────
            intercom/abc123-of-a-long-name         7  2026-11-21T20:00:00Z

            """,
            Trimmed(narrow));
        Assert.Equal("Left out, for want of width: kind. A wider terminal or -o json shows all columns.\n", said);

        Assert.Equal("", Written(table, OutputFormat.Table, 90).Error);
    }

    [Fact]
    public void A_terminal_that_is_too_narrow_for_what_must_stay_gets_a_block_a_row()
    {
        var table = new ResultTable("id", "reason");
        table.Add(new string('a', 40), "It has no time.");
        table.Add(new string('b', 38), null);

        Assert.Equal(
            $"""
            id
            {new string('a', 40)}
            reason  It has no time.

            id
            {new string('b', 38)}

            """,
            Trimmed(Written(table, OutputFormat.Table, 40).Output));
    }

    [Fact]
    public void A_duration_is_readable_for_a_person_and_exact_for_a_program()
    {
        var table = new ResultTable("lasted", "up");
        table.Add(TimeSpan.FromSeconds(184), true);

        Assert.EndsWith("3 min   yes\n", Written(table, OutputFormat.Table, 80).Output, StringComparison.Ordinal);
        Assert.Equal("00:03:04\tyes\n", Written(table, OutputFormat.Lines, 80).Output);
        Assert.Equal("00:03:04", JsonNode.Parse(Written(table, OutputFormat.Json, 80).Output)![0]!["lasted"]!.GetValue<string>());
    }

    [Fact]
    public void A_time_is_utc_to_the_second_everywhere()
    {
        var table = new ResultTable("at");
        table.Add(new DateTimeOffset(2026, 11, 21, 22, 0, 0, 500, TimeSpan.FromHours(2)));

        Assert.All(
            [OutputFormat.Table, OutputFormat.Lines, OutputFormat.Json],
            format => Assert.Contains("2026-11-21T20:00:00Z", Written(table, format, 80).Output, StringComparison.Ordinal));
    }

    [Fact]
    public void A_table_without_rows_is_a_sentence_on_standard_error_and_an_empty_array_in_json()
    {
        var table = new ResultTable("id") { WhenEmpty = "There are no dead letters." };

        Assert.Equal(("", "There are no dead letters.\n"), Written(table, OutputFormat.Table, 80));
        Assert.Equal(("", "There are no dead letters.\n"), Written(table, OutputFormat.Lines, 80));
        Assert.Equal(("[]\n", ""), Written(table, OutputFormat.Json, 80));
    }

    [Theory]
    [InlineData("NO_COLOR", "1", true)]
    [InlineData("NO_COLOR", "", false)]
    public void No_color_takes_every_escape_away(string name, string value, bool isPlain)
    {
        var table = new ResultTable("name");
        table.Add("x");
        using var output = new MemoryStream();
        table.Write(Of(output, new StringWriter(), true, new() { [name] = value, ["COLUMNS"] = "80" }), OutputFormat.Table);

        if (isPlain) Assert.DoesNotContain("\u001b", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("120", 90, 120)]
    [InlineData(null, 90, 90)]
    [InlineData("wide", 90, 90)]
    [InlineData(null, null, 80)]
    [InlineData("0", null, 80)]
    [InlineData("7", null, 40)]
    public void The_width_is_the_variable_columns_else_the_windows_else_80(string? variable, int? window, int expected)
    {
        Dictionary<string, string> environment = variable is null ? [] : new() { ["COLUMNS"] = variable };

        Assert.Equal(expected, (Of(new MemoryStream(), new StringWriter(), true, environment) with { WindowWidth = () => window }).Width);
    }

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(119.9, "119 s")]
    [InlineData(120, "2 min")]
    [InlineData(7_199, "119 min")]
    [InlineData(7_200, "2 h")]
    [InlineData(172_799, "47 h")]
    [InlineData(172_800, "2 d")]
    [InlineData(-130, "-2 min")]
    public void A_readable_duration_has_one_unit(double seconds, string text) => Assert.Equal(text, TimeText.Readable(TimeSpan.FromSeconds(seconds)));

    private static Gen<List<object?[]>> Rows()
    {
        var hex = Gen.Elements([.. "0123456789abcdef"]);
        var row =
            from id in hex.ArrayOf(40)
            from stage in Gen.Elements("map", "size", "index", "page")
            from seconds in Gen.Choose(0, 2_000_000_000)
            from source in Gen.Elements("intercom/abc123", "sequence/default", "intercom/a-workspace-of-33-characters-x")
            from count in Gen.Choose(0, int.MaxValue)
            from words in Gen.Elements(Words).ListOf()
            select (object?[])[
                new string(id), stage, DateTimeOffset.FromUnixTimeSeconds(seconds), source, count, TimeSpan.FromSeconds(count), string.Join(' ', words)];
        return row.NonEmptyListOf().Select(rows => rows.ToList());
    }

    private static string Text(object? cell) => cell switch
    {
        DateTimeOffset time => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        _ => Convert.ToString(cell, CultureInfo.InvariantCulture)!,
    };

    private static string Trimmed(string output) => string.Join('\n', output.Split('\n').Select(line => line.TrimEnd()));

    private static (string Output, string Error) Written(ResultTable table, OutputFormat format, int width)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        table.Write(Of(output, error, false, new() { ["COLUMNS"] = width.ToString(CultureInfo.InvariantCulture) }), format);
        return (Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    private static Terminal Of(MemoryStream output, StringWriter error, bool isInteractive, Dictionary<string, string> environment) => new()
    {
        In = Stream.Null,
        Out = new StreamWriter(output, new UTF8Encoding(false)) { AutoFlush = true },
        OutBytes = output,
        Error = error,
        IsInteractive = isInteractive,
        CanAsk = false,
        Environment = environment,
        WorkingDirectory = ".",
        Clock = new ManualTimeProvider(),
    };
}
