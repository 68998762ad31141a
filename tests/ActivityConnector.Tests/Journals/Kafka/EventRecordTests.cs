using System.Text;
using System.Text.RegularExpressions;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Transforms;
using CloudNative.CloudEvents;
using Confluent.Kafka;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>What a consumer finds on the wire: delivery 2.7 to 2.9 and 4.1.</summary>
public sealed partial class EventRecordTests
{
    [Fact]
    public void A_record_is_a_cloud_event_in_binary_mode()
    {
        var e = Some.Event(1, actor: "77", thing: "o-1");
        var message = Record(KafkaKey.Actor, e);

        Assert.Equal(e.Json.ToArray(), message.Value);
        Assert.Equal("application/json", Header(message, "content-type"));
        Assert.Equal("1.0", Header(message, "ce_specversion"));
        Assert.Equal(e.Id, Header(message, "ce_id"));
        Assert.Equal("/intercom/abc123", Header(message, "ce_source"));
        Assert.Equal("activity.intercom.test_event", Header(message, "ce_type"));
        Assert.Equal("o-1", Header(message, "ce_subject"));
        Assert.Equal("urn:activity:ecs:8.17.0-1", Header(message, "ce_dataschema"));
        Assert.Equal(e.Time, DateTimeOffset.Parse(Header(message, "ce_time")!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Matches(@"^\d+\.\d+\.\d+$", Header(message, "x-connector-version"));
    }

    [Fact]
    public void The_cloud_events_sdk_reads_it()
    {
        var e = Some.Event(1, actor: "77", thing: "o-1");
        var message = Record(KafkaKey.Actor, e);

        // As the SDK's Kafka binding does it: every header that begins with ce_ is an attribute as text.
        var read = new CloudEvent(CloudEventsSpecVersion.V1_0);
        foreach (var header in message.Headers.Where(h => h.Key.StartsWith("ce_", StringComparison.Ordinal) && h.Key != "ce_specversion"))
        {
            read.SetAttributeFromString(header.Key[3..], Encoding.UTF8.GetString(header.GetValueBytes()));
        }

        Assert.True(read.IsValid);
        Assert.Equal((e.Id, e.Time, "o-1"), (read.Id, read.Time, read.Subject));
        Assert.Empty(read.ExtensionAttributes);
        Assert.DoesNotContain("cloudevents", Header(message, "content-type"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(KafkaKey.Actor, "77", "o-1", "intercom:abc123:77")]
    [InlineData(KafkaKey.Actor, null, "o-1", "intercom:abc123:o-1")]
    [InlineData(KafkaKey.Actor, null, null, null)]
    [InlineData(KafkaKey.Object, "77", "o-1", "intercom:abc123:o-1")]
    [InlineData(KafkaKey.Object, "77", null, null)]
    [InlineData(KafkaKey.Account, "77", "o-1", "intercom/abc123")]
    [InlineData(KafkaKey.EventId, "77", "o-1", null)]
    public void The_key_is_what_is_configured_or_the_next_that_there_is(KafkaKey key, string? actor, string? thing, string? expected)
    {
        var e = Some.Event(1, actor: actor, thing: thing);
        Assert.Equal(expected ?? e.Id, Encoding.UTF8.GetString(Record(key, e).Key));
    }

    [Fact]
    public void Traceparent_is_always_valid_has_the_records_own_trace_and_is_the_same_for_the_same_event()
    {
        for (var i = 0; i < 300; i++)
        {
            var e = Some.Event(i);
            var message = Record(KafkaKey.Actor, e);
            var match = TraceParent().Match(Header(message, "traceparent")!);

            Assert.True(match.Success);
            Assert.NotEqual(new string('0', 32), match.Groups[1].Value);
            Assert.NotEqual(new string('0', 16), match.Groups[2].Value);
            Assert.Equal(e.TraceId, Header(message, "x-trace-id"));
            Assert.Equal(e.TraceId ?? match.Groups[1].Value, match.Groups[1].Value);
            Assert.Equal(Header(message, "traceparent"), Header(Record(KafkaKey.Actor, Some.Event(i)), "traceparent"));
        }
    }

    [Fact]
    public void What_is_read_is_what_was_written()
    {
        var e = Some.Event(3);
        var read = FoundEvent.Of(Record(KafkaKey.Actor, e), "intercom", 9).Event!;

        Assert.Equal((9, Some.Intercom, e.Id, e.Time, e.TraceId), (read.Position, read.Source, read.Id, read.Time, read.TraceId));
        Assert.Equal(Some.Start.AddHours(1), read.CommittedAt);
        Assert.Equal(e.Json.ToArray(), read.Json.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(0x01020304)]
    [InlineData(int.MaxValue)]
    public void With_a_schema_the_value_begins_with_its_id_and_is_read_all_the_same(int schema)
    {
        var e = Some.Event(3);
        var message = new EventRecord(Some.Intercom, "activity.intercom", KafkaKey.Actor, schema).Of(e, Some.Start).ToMessage();

        Assert.Equal([0, (byte)(schema >> 24), (byte)(schema >> 16), (byte)(schema >> 8), (byte)schema, .. e.Json.ToArray()], message.Value!);
        Assert.Equal("application/octet-stream", Header(message, "content-type"));
        Assert.Equal(e.Json.ToArray(), FoundEvent.Of(message, "intercom", 9).Event!.Json.ToArray());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("\0\r\n\u202e")]
    [InlineData("💥")]
    public void Key_and_headers_are_bounded_and_a_cloud_event_whatever_the_vendor_says(string character)
    {
        var huge = string.Concat(Enumerable.Repeat(character, 330_000 / character.Length));
        foreach (var key in Enum.GetValues<KafkaKey>())
        {
            var message = Record(key, Some.Event(1, actor: huge, thing: huge) with { Action = huge });

            Assert.InRange(message.Key.Length + message.Headers.Sum(h => h.Key.Length + h.GetValueBytes().Length), 1, KafkaClients.MessageOverhead / 4);
            Assert.All(message.Headers, h => Assert.DoesNotContain(Encoding.UTF8.GetString(h.GetValueBytes()), char.IsControl));
            Assert.DoesNotContain('\u202e', Header(message, "ce_subject")!);
            var read = new CloudEvent(CloudEventsSpecVersion.V1_0);
            foreach (var header in message.Headers.Where(h => h.Key.StartsWith("ce_", StringComparison.Ordinal) && h.Key != "ce_specversion"))
            {
                read.SetAttributeFromString(header.Key[3..], Encoding.UTF8.GetString(header.GetValueBytes()));
            }

            Assert.True(read.IsValid);
        }
    }

    [Fact]
    public void Actors_with_long_names_keep_keys_of_their_own_and_the_same_one_each_time()
    {
        byte[] KeyOf(string actor) => Record(KafkaKey.Actor, Some.Event(1, actor: actor)).Key;
        var (one, other) = (new string('x', 5_000) + "1", new string('x', 5_000) + "2");

        Assert.NotEqual(KeyOf(one), KeyOf(other));
        Assert.Equal(KeyOf(one), KeyOf(one));
    }

    private static Message<byte[], byte[]?> Record(KafkaKey key, EcsEvent e) =>
        new EventRecord(Some.Intercom, "activity.intercom", key).Of(e, Some.Start.AddHours(1)).ToMessage();

    private static string? Header(Message<byte[], byte[]?> message, string name) =>
        message.Headers.TryGetLastBytes(name, out var bytes) ? Encoding.UTF8.GetString(bytes) : null;

    [GeneratedRegex("^00-([0-9a-f]{32})-([0-9a-f]{16})-0[01]$")]
    private static partial Regex TraceParent();
}
