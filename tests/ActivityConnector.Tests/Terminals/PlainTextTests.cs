using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Commands;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;
using ActivityConnector.Tests.Configuration;
using ActivityConnector.Tests.Shared;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Terminals;

/// <summary>Whatever strangers write: through no outlet it steers a terminal, forges a line or turns the order of letters.</summary>
public sealed class PlainTextTests
{
    private const ulong Seed = 20261130;
    private const ulong Gamma = 20261131;

    private static readonly string[] Pieces =
    [
        "\n", "\r", "\r\n", "\t", "\0", "\u001b[31m", "\u001b]52;c;cm0gLXJm\u0007",
        "\u001b]0;title\u001b\\", "\u007f", "\u0085", "\u009b31m", "\u009d52;c;x\u009c",
        "\u202e", "\u202a", "\u2066", "\u2069", "\u200f", "\u061c", "\u2028", "\u2029", "\u200b", "\ufeff", "\ud800", "\udc00", "\U000e0041",
        "2026-11-30T10:00:00Z error forged", "a", "é", "漢", "😀", "=1+1", "\"", "\\", "'", ";", ",", " ",
    ];

    [Theory]
    [InlineData("a\nb\tc\rd", @"a\nb\tc\rd")]
    [InlineData("\u001b]52;c;x\u0007", @"\u001b]52;c;x\u0007")]
    [InlineData("user\u202egnp.exe", @"user\u202egnp.exe")]
    [InlineData("\u009b31m \u0085", @"\u009b31m \u0085")]
    [InlineData("\U000e0041", @"\udb40\udc41")]
    [InlineData("é 漢 😀 \\ \"", "é 漢 😀 \\ \"")]
    public void What_is_not_plain_is_shown_as_json_escapes_it(string text, string plain)
    {
        Assert.Equal(plain, PlainText.Of(text));
        Assert.Equal(plain, PlainText.Of(plain));
    }

    [Fact]
    public void A_half_pair_is_shown_as_json_escapes_it() => Assert.Equal(@"a\ud800b\udc00", PlainText.Of(string.Concat("a", (char)0xD800, "b", (char)0xDC00)));

    [Fact]
    public void A_megabyte_is_cut_and_says_so_and_no_pair_is_halved()
    {
        Assert.Equal(new string('x', 8_192) + "… (cut: 1000000 characters in all)", PlainText.Of(new string('x', 1_000_000)));
        Assert.Equal("a… (cut: 5 characters in all)", PlainText.Of("a😀😀", 2));
        Assert.Equal("a… (cut: 2 characters in all)", PlainText.Of("a\n", 2));
    }

    [Fact]
    public void Through_the_log_a_record_is_one_line_and_an_error_is_indented() => Holds(text =>
    {
        using var line = new StringWriter();
        var formatter = new OperatorLogFormatter(new ManualTimeProvider());
        formatter.Write(new LogEntry<string>(LogLevel.Error, "any", 0, text, new InvalidOperationException(text), (state, _) => state), null, line);

        var lines = Lines(line.ToString());
        Assert.StartsWith("2026-11-21T20:00:00Z error ", lines[0], StringComparison.Ordinal);
        Assert.All(lines.Skip(1), l => Assert.StartsWith("    ", l, StringComparison.Ordinal));
        Assert.All(lines, AssertPlain);
    });

    [Fact]
    public void Through_a_table_in_a_pipe_on_a_terminal_and_as_json() => Holds(text =>
    {
        var table = new ResultTable("name", "value");
        table.Add("x", text);
        table.Add(text, 1);

        var piped = Lines(Written(table, isInteractive: false, OutputFormat.Lines));
        Assert.Equal(2, piped.Length);
        Assert.All(piped, line => Assert.Equal(2, line.Split('\t').Length));
        Assert.All(piped.SelectMany(line => line.Split('\t')), AssertPlain);
        var shown = Written(table, isInteractive: true, OutputFormat.Table).Replace("\u001b[1m", "", StringComparison.Ordinal);
        Assert.All(Lines(shown.Replace("\u001b[0m", "", StringComparison.Ordinal)), AssertPlain);

        var json = Written(table, isInteractive: false, OutputFormat.Json);
        Assert.All(Lines(json), AssertPlain);
        Assert.Equal(Whole(text), JsonNode.Parse(json)![0]!["value"]!.GetValue<string>());
    });

    [Fact]
    public void Through_data_on_a_terminal_in_pieces_of_any_size_json_says_the_same() => Holds(text =>
    {
        // No more is escaped than JSON must, as another program may write it.
        var raw = string.Concat(Whole(text).Select(c => c is '"' or '\\' or < ' ' ? $"\\u{(int)c:x4}" : c.ToString()));
        var json = Encoding.UTF8.GetBytes($$"""{"{{raw}}":"{{raw}}"}""");
        using var shown = new MemoryStream();
        using (var terminal = new PlainStream(shown))
        {
            for (var at = 0; at < json.Length; at += 3) terminal.Write(json.AsSpan(at, Math.Min(3, json.Length - at)));

            terminal.Write("\n"u8);
        }

        var written = Encoding.UTF8.GetString(shown.ToArray());
        AssertPlain(Assert.Single(Lines(written)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(written)));
    });

    [Fact]
    public void Through_csv_an_event_is_a_line_and_no_cell_is_a_formula() => Holds(text =>
    {
        var fields = new Dictionary<string, object> { ["message"] = text, ["user.email"] = new[] { text, text }, ["n"] = -5 };
        var json = JsonSerializer.SerializeToUtf8Bytes(fields);
        using var bytes = new MemoryStream();
        using (var csv = new CsvEvents(["absent", "message", "user.email", "n"], bytes, byteOrderMark: false))
        {
            csv.WriteHeader();
            csv.Write(json);
        }

        var lines = Encoding.UTF8.GetString(bytes.ToArray()).Split("\r\n");
        Assert.Equal(["absent,message,user.email,n", ""], [lines[0], lines[^1]]);
        Assert.Equal(3, lines.Length);
        AssertPlain(lines[1]);
        using var reader = new CsvHelper.CsvParser(new StringReader(lines[1]), CultureInfo.InvariantCulture);
        Assert.True(reader.Read());
        Assert.Equal(4, reader.Count);
        Assert.Equal(("", "-5"), (reader[0], reader[3]));
        foreach (var part in (reader[1] + ";" + reader[2]).Split(';')) Assert.DoesNotMatch(@"^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]", part);
    });

    [Fact]
    public void Through_every_way_to_standard_error() => Holds(text =>
    {
        using var error = new StringWriter();
        var terminal = Of(new MemoryStream(), error, isInteractive: true);
        terminal.WriteError(text);
        Assert.Throws<CommandFailedException>(() => Question.Ask(terminal, text, yes: false));
        foreach (var line in CommandError.Of(new SourceUnavailableException(text, text)).Lines) terminal.WriteError(line);

        var lines = Lines(error.ToString());
        Assert.Equal(2, lines.Length);
        Assert.All(lines, AssertPlain);
    });

    /// <summary>The rule that makes the properties above hold for every command.</summary>
    [Fact]
    public void No_command_writes_past_the_terminal()
    {
        string[] pastIt = [".Out.Write", ".Error.Write", "Console.Write", "Console.Out", "Console.Error"];
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(DeliveredFiles.Root, "connector", "Commands"), "*.cs")
            .SelectMany(file => File.ReadLines(file).Where(line => pastIt.Any(line.Contains)).Select(line => $"{Path.GetFileName(file)}: {line.Trim()}")));
    }

    private static void Holds(Action<string> check) => Prop.ForAll(
            Gen.ListOf(Gen.OneOf(Gen.Elements(Pieces), ArbMap.Default.GeneratorFor<char>().Select(c => c.ToString())))
                .Select(string.Concat).ToArbitrary(),
            check)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(Seed, Gamma));

    private static string Written(ResultTable table, bool isInteractive, OutputFormat format)
    {
        using var bytes = new MemoryStream();
        using var error = new StringWriter();
        table.Write(Of(bytes, error, isInteractive), format);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static Terminal Of(MemoryStream output, StringWriter error, bool isInteractive) => new()
    {
        In = new MemoryStream("n\n"u8.ToArray()),
        Out = new StreamWriter(output, new UTF8Encoding(false)) { AutoFlush = true },
        OutBytes = output,
        Error = error,
        IsInteractive = isInteractive,
        CanAsk = true,
        Environment = new Dictionary<string, string>(),
        WorkingDirectory = ".",
        Clock = new ManualTimeProvider(),
    };

    private static string[] Lines(string text) => text.Split(Environment.NewLine)[..^1];

    private static void AssertPlain(string line) => Assert.DoesNotContain(line.EnumerateRunes(), rune => !PlainText.IsPlain(rune) || Rune.IsControl(rune));

    /// <summary>As JSON has it: half a pair is the sign for what cannot be read.</summary>
    private static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
