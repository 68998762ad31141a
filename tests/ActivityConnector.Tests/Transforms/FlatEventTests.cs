using System.Buffers;
using System.Text;
using System.Text.Json;
using ActivityConnector.Tests.Golden.Properties;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Transforms;

/// <summary>What counts as an event where others may write: everything that the connector writes, and nothing that a sink cannot take.</summary>
public sealed class FlatEventTests
{
    private const string Valid = """{"@timestamp":"2026-11-30T10:00:00.000Z","message":"m","a.b":[1,"x",null],"a.c":true}""";

    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public void Every_event_of_the_connector_is_one(string vendor) => Property.HoldsForEvents(
        vendor, (_, events) => Assert.All(events, e => Assert.Null(FlatEvent.Trouble(e.Json.Span))));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("not json")]
    [InlineData("{not json}")]
    [InlineData("""{"message":"no time"}""")]
    [InlineData("""{"@timestamp":5}""")]
    [InlineData("""{"@timestamp":"t","a":{"b":1}}""")]
    [InlineData("""{"@timestamp":"t","a":[[1]]}""")]
    [InlineData("""{"@timestamp":"t","a":[{"b":1}]}""")]
    [InlineData("""{"@timestamp":"t"}{"@timestamp":"t"}""")]
    [InlineData("""{"@timestamp":"t"} {"delete":{}}""")]
    [InlineData("{\"@timestamp\":\n\"t\"}")]
    [InlineData("""{"@timestamp":"t","a":1,"a":2}""")]
    [InlineData("""{"@timestamp":"t","a.b":1,"a":2}""")]
    [InlineData("""{"a":1,"a.b":2,"@timestamp":"t"}""")]
    [InlineData("""{"@timestamp":"t","event":1}""")]
    [InlineData("""{"@timestamp":"t","event.ingested":"t"}""")]
    [InlineData("""{"@timestamp":"t","event.ingested.x":"t"}""")]
    [InlineData("""{"@timestamp":"t",}""")]
    [InlineData("""{"@timestamp":"t","tags":["\ud800"]}""")]
    [InlineData("""{"@timestamp":"\ud800x"}""")]
    [InlineData("""{"@timestamp":"t","\u0040timestamp":5}""")]
    [InlineData("""{"@timestamp":"t","event\u002eingested":"t"}""")]
    public void Anything_else_is_none(string text) => Assert.NotNull(FlatEvent.Trouble(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Text_that_is_not_utf_8_is_none()
    {
        var bytes = Encoding.UTF8.GetBytes(Valid);
        bytes[^4] = 0xFF;
        bytes[Encoding.UTF8.GetString(bytes).IndexOf("\"m\"", StringComparison.Ordinal) + 1] = 0xC3;

        Assert.NotNull(FlatEvent.Trouble(bytes));
    }

    [Fact]
    public void The_order_of_names_does_not_matter() => Assert.Null(FlatEvent.Trouble("""{"b":1,"@timestamp":"t","a":2,"message":"m"}"""u8));

    /// <summary>Every change of a byte or a piece: what is still an event can be nested, is one line, and is JSON with what a sink adds.</summary>
    [Fact]
    public void What_counts_as_one_can_be_sent_however_it_was_damaged()
    {
        var random = new Random(20261130);
        byte[][] pieces = [.. new[] { "\"", ",", ":", "{", "}", "[", "]", "\\", "\n", ".", "event", "@timestamp", "\u0000", "1e999", "\\u002e", "\\ud800", "a" }
            .Select(Encoding.UTF8.GetBytes), [0xFF], [0xED, 0xA0, 0x80]];
        var stillEvents = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(Valid).ToList();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var at = random.Next(bytes.Count);
                if (random.Next(2) == 0) bytes.RemoveRange(at, Math.Min(random.Next(3), bytes.Count - at));
                bytes.InsertRange(Math.Min(at, bytes.Count), pieces[random.Next(pieces.Length)]);
            }

            var text = bytes.ToArray();
            if (FlatEvent.Trouble(text) is not null) continue;

            stillEvents++;
            byte[] sent = [.. text[..^1], .. ",\"event.ingested\":\"t\"}"u8];
            using (JsonDocument.Parse(sent))
            {
            }

            var nested = new ArrayBufferWriter<byte>();
            NestedEvent.Write(sent, nested);
            using (JsonDocument.Parse(nested.WrittenMemory))
            {
            }

            Assert.DoesNotContain((byte)'\n', sent);
        }

        Assert.InRange(stillEvents, 1_000, 59_000);
    }
}
