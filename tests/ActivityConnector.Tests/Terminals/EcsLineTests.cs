using System.Diagnostics;
using System.Text.Json;
using ActivityConnector.Terminals;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Terminals;

public sealed class EcsLineTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 21, 20, 0, 0, 123, TimeSpan.FromHours(1));

    [Fact]
    public void A_line_has_the_fields_of_ecs_logging_and_its_values_under_names_of_their_own()
    {
        using var span = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();

        var line = Parse(EcsLine.Of(
            At, LogLevel.Warning, "3 dead letters", "svc", "Some.Category", new InvalidOperationException("why"),
            [new("DeadLetters", 3L), new("Wait", TimeSpan.FromMilliseconds(1500)), new("Key", null), new("{OriginalFormat}", "{DeadLetters} dead letters")]));

        Assert.Equal("2026-11-21T19:00:00.123Z", line["@timestamp"].GetString());
        Assert.Equal("warn", line["log.level"].GetString());
        Assert.Equal("3 dead letters", line["message"].GetString());
        Assert.Equal("8.17.0", line["ecs.version"].GetString());
        Assert.Equal("svc", line["service.name"].GetString());
        Assert.Equal("Some.Category", line["log.logger"].GetString());
        Assert.Equal(span.TraceId.ToHexString(), line["trace.id"].GetString());
        Assert.Equal(span.SpanId.ToHexString(), line["span.id"].GetString());
        Assert.Equal("System.InvalidOperationException", line["error.type"].GetString());
        Assert.Equal("why", line["error.message"].GetString());
        Assert.Contains("InvalidOperationException: why", line["error.stack_trace"].GetString(), StringComparison.Ordinal);
        Assert.Equal(3, line["activity_connector.dead_letters"].GetInt64());
        Assert.Equal(1.5, line["activity_connector.wait"].GetDouble());
        Assert.Equal(["activity_connector.dead_letters", "activity_connector.wait"], line.Keys.Where(k => k.StartsWith("activity_", StringComparison.Ordinal)));
    }

    [Fact]
    public void Whatever_a_stranger_wrote_the_line_is_one_valid_object_that_steers_no_terminal() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text =>
        {
            var line = EcsLine.Of(At, LogLevel.Error, $"said: {text}\u202e", "svc", null, new IOException(text), [new("Said", text)]);

            Assert.All(line.EnumerateRunes(), rune => Assert.True(PlainText.IsPlain(rune)));
            Assert.StartsWith("said: ", Parse(line)["message"].GetString(), StringComparison.Ordinal);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void What_is_long_is_cut()
    {
        var line = EcsLine.Of(At, LogLevel.Information, new string('x', 1_000_000), "svc", null, null, [new("Long", new string('y', 1_000_000))]);

        Assert.InRange(line.Length, 1, 12_000);
    }

    private static Dictionary<string, JsonElement> Parse(string line) =>
        JsonDocument.Parse(line).RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
}
