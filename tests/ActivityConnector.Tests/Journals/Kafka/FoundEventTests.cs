using System.Text;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Tests.Shared;
using Confluent.Kafka;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>What is read back from an events topic, to which other programs may write.</summary>
public sealed class FoundEventTests
{
    [Theory]
    [InlineData("ce_id", null)]
    [InlineData("ce_id", "")]
    [InlineData("ce_id", "1234-1234-1234")]
    [InlineData("ce_id", "0123456789ABCDEF0123456789ABCDEF01234567")]
    [InlineData("ce_id", "0123456789abcdef0123456789abcdef0123456\"")]
    [InlineData("ce_source", null)]
    [InlineData("ce_source", "")]
    [InlineData("ce_source", "/")]
    [InlineData("ce_source", "/mycontext/subcontext")]
    [InlineData("ce_source", "/sequence/main")]
    [InlineData("ce_source", "/intercom/a/b")]
    [InlineData("ce_source", "/intercom/\n")]
    [InlineData("ce_time", null)]
    [InlineData("ce_time", "2018-04-05T03:56:24Z")]
    [InlineData("ce_time", "yesterday")]
    public void A_record_with_other_headers_is_no_event(string name, string? value)
    {
        var message = Message();
        message.Headers.Remove(name);
        if (value is not null) message.Headers.Add(name, Encoding.UTF8.GetBytes(value));

        AssertNone($"its header {name} ", message);
    }

    [Theory]
    [InlineData("ce_id")]
    [InlineData("ce_source")]
    [InlineData("ce_time")]
    public void A_header_without_a_value_or_that_is_not_text_is_none(string name)
    {
        foreach (var value in new byte[]?[] { null, [], [0xFF, 0xFE], [0], new byte[1_000_000] })
        {
            var message = Message();
            message.Headers.Remove(name);
            message.Headers.Add(new Header(name, value));

            AssertNone($"its header {name} ", message);
        }
    }

    [Fact]
    public void A_record_without_headers_or_value_is_no_event()
    {
        AssertNone("it has no value", new Message<byte[], byte[]?> { Headers = [], Value = null });
        AssertNone("its header ce_source names no account of intercom", new Message<byte[], byte[]?> { Headers = [], Value = [] });
        var message = Message();
        message.Value = "{\"other\":1}"u8.ToArray();
        AssertNone("its value has no @timestamp", message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("\0\0\0\0")]
    [InlineData("\0\0\0\0\u0001")]
    [InlineData("\0\0\0\0\u0001\0\0\0\0\u0001{\"@timestamp\":\"x\"}")]
    [InlineData("\u0001\0\0\0\u0001{\"@timestamp\":\"x\"}")]
    public void A_value_that_is_neither_an_event_nor_a_framed_one_is_no_event(string value)
    {
        var message = Message();
        message.Value = Encoding.Latin1.GetBytes(value);

        AssertNone("its value is no JSON object", message);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void A_time_of_a_message_that_is_none_is_the_nearest_that_there_is(long milliseconds)
    {
        var message = Message();
        message.Timestamp = new Timestamp(milliseconds, TimestampType.CreateTime);

        var e = FoundEvent.Of(message, "intercom", 1).Event!;

        Assert.Equal(
            Math.Clamp(milliseconds, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()),
            e.CommittedAt.ToUnixTimeMilliseconds());
    }

    private static void AssertNone(string trouble, Message<byte[], byte[]?> message)
    {
        var found = FoundEvent.Of(message, "intercom", 1);

        Assert.Null(found.Event);
        Assert.StartsWith(trouble, found.Trouble, StringComparison.Ordinal);
    }

    private static Message<byte[], byte[]?> Message() =>
        new EventRecord(Some.Intercom, "activity.intercom", KafkaKey.Actor).Of(Some.Event(1), Some.Start).ToMessage();
}
