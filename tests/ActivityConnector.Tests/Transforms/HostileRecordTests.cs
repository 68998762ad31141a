using System.Text;
using System.Text.Json;
using ActivityConnector.Tests.Golden.Properties;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Records;
using ActivityConnector.Transforms.Sequence;

namespace ActivityConnector.Tests.Transforms;

/// <summary>Whatever arrives becomes a valid event, or nothing for null.</summary>
public class HostileRecordTests
{
    public static TheoryData<string> Records() =>
    [
        "", " ", "{", "}", "[]", "5", "\"x\"", "true", "nul",
        "{\"id\":\"1\"} x", "{\"id\":01}", "{\"id\":\"\\x\"}", "{\"id\":\"\\ud83d\"}", "{\"a\":\"\u0001\"}",
        "{\"id\":1e999999,\"created_at\":1e999999}", "{\"id\":[],\"performed_by\":[],\"metadata\":[[[]]],\"activityLogItems\":{}}",
        "{\"id\":\"\",\"activity_type\":\"\\u0000\",\"activity_description\":\"\\u0000\",\"createdAt\":\"\\u0000\"}",
        "{\"metadata\":" + string.Concat(Enumerable.Repeat("{\"a\":[", 100)) + string.Concat(Enumerable.Repeat("]}", 100)) + "}",
        new string('[', 100_000), "{\"activity_description\":\"" + new string('x', 2_000_000) + "\\n\"}",
        "{\"metadata\":{" + string.Join(',', Enumerable.Repeat("\"a\":{\"b\":1}", 5000)) + "}}",
        "{\"performed_by\":{\"ip\":\"" + string.Join(',', Enumerable.Range(0, 60_000).Select(i => $"9.{i >> 8}.{i & 255}.1")) + "\"}}",
        "{\"activityLogItems\":[" + string.Join(',', Enumerable.Repeat("{\"metadata\":{\"b\":1}}", 300)) + "]}",
    ];

    [Theory]
    [MemberData(nameof(Records))]
    public void A_hostile_record_becomes_valid_events(string record)
    {
        foreach (var batch in new[] { Mapped.Intercom(record), Mapped.Sequence(record) })
        {
            Assert.NotEmpty(batch.Events);
            foreach (var e in batch.Events) CheckInvariants(e.Json.Span);

            batch.Dispose();
        }
    }

    [Fact]
    public void No_text_in_any_field_stops_a_transform()
    {
        var random = new Random(11);
        var intercom = new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings);
        var sequence = new SequenceTransform(Mapped.SequenceTable, Mapped.SequenceSettings);
        string[] records =
        [
            Mapped.IntercomRecord(
                "\"metadata\":{\"before\":\"x\",\"after\":{\"a\":1},\"team\":{\"id\":7}}",
                performedBy: "{\"type\":\"admin\",\"id\":\"1\",\"email\":\"a@b.c\",\"ip\":\"1.2.3.4\"}"),
            Mapped.SequenceRecord($"[{Mapped.Item()},{Mapped.Item("UPDATED")}]", "\"traceId\":\"f26ad30d3be41b2f64fa7dbfb22ba5fd\""),
        ];
        for (var round = 0; round < 2000; round++)
        {
            var record = Mutated(Encoding.UTF8.GetBytes(records[round % 2]), random);
            using var batch = Mapped.All(round % 2 == 0 ? intercom : sequence, record);
            Assert.NotEmpty(batch.Events);
            foreach (var e in batch.Events) CheckInvariants(e.Json.Span);
        }
    }

    [Theory]
    [InlineData("\"2026-01-01T\\ud800\"")]
    [InlineData("1e999999999")]
    [InlineData("\"\\udc00\"")]
    public void A_time_that_is_none_is_a_pipeline_error(string time)
    {
        using var intercom = Mapped.Intercom(Mapped.IntercomRecord().Replace("1547669358", time, StringComparison.Ordinal));
        using var sequence = Mapped.Sequence(Mapped.SequenceRecord("[]").Replace("\"2024-01-01T10:00:00Z\"", time, StringComparison.Ordinal));

        Assert.All([intercom, sequence], batch => Assert.Equal("\"timestamp_fallback\"", batch.Field("error.type")));
    }

    [Fact]
    public void A_record_of_a_broken_page_has_a_tag_and_nothing_else_that_differs()
    {
        var transform = new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings);
        var record = Encoding.UTF8.GetBytes(Mapped.IntercomRecord());
        using var batch = new EventBatch();

        transform.Transform(new(record, Mapped.ReceivedAt), batch);
        transform.Transform(new(record, Mapped.ReceivedAt, IsSalvaged: true), batch);
        transform.Transform(new(record, Mapped.ReceivedAt), batch);

        var (plain, salvaged) = (batch.Events[0], batch.Events[1]);
        Assert.Equal("[\"_page_salvaged\"]", batch.Field("tags", 1));
        Assert.Equal((plain.Id, plain.ContentDigest), (salvaged.Id, salvaged.ContentDigest));
        Assert.Equal(plain.Text(), salvaged.Text().Replace(",\"tags\":[\"_page_salvaged\"]", "", StringComparison.Ordinal));
        Assert.Equal(plain.Text(), batch.Events[2].Text());
    }

    [Fact]
    public void Null_is_no_event()
    {
        using var intercom = Mapped.Intercom(" null ");
        using var sequence = Mapped.Sequence("null");

        Assert.Empty(intercom.Events);
        Assert.Empty(sequence.Events);
    }

    [Fact]
    public void What_is_no_JSON_keeps_its_text_with_broken_bytes_replaced()
    {
        using var batch = Mapped.All(new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings), [(byte)'<', 0xFF, 0, (byte)'>']);

        Assert.Equal("\"<\uFFFD>\"", batch.Field("event.original"));
        Assert.Equal("\"pipeline_error\"", batch.Field("event.kind"));
        Assert.Equal("\"invalid_json\"", batch.Field("error.type"));
    }

    [Fact]
    public void Broken_bytes_inside_JSON_are_replaced_and_the_rest_mapped()
    {
        byte[] record = [.. "{\"id\":\"6\",\"created_at\":1547669358,\"activity_type\":\"app_name_change\",\"activity_description\":\"a"u8, 0xC3, .. "\"}"u8];
        using var batch = Mapped.All(new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings), record);

        Assert.Equal("\"a\uFFFD\"", batch.Field("message"));
        Assert.Equal("\"event\"", batch.Field("event.kind"));
    }

    [Fact]
    public void Escaping_and_unescaping_give_the_text_back()
    {
        var random = new Random(7);
        var to = new byte[4096];
        for (var i = 0; i < 3000; i++)
        {
            var text = new string(
                [.. Enumerable.Range(0, random.Next(80)).Select(_ => random.Next(4) == 0 ? (char)random.Next(1, 35) : "\"\\aé€"[random.Next(5)])]);
            var utf8 = Encoding.UTF8.GetBytes(text);
            var json = "\"" + Encoding.UTF8.GetString(to, 0, Escapes.Write(utf8, to)) + "\"";
            Assert.Equal(text, JsonSerializer.Deserialize<string>(json));
            var tree = new RecordTree();
            tree.Read(Encoding.UTF8.GetBytes(json));
            Assert.Equal(text, Encoding.UTF8.GetString(tree[tree.TextOf(0)]));
        }
    }

    internal static void CheckInvariants(ReadOnlySpan<byte> json)
    {
        var fields = FlatFields.Read(json);
        string[] first = ["ecs.version", "message", "@timestamp"];
        Assert.Equal(
            fields.Select(f => f.Name).OrderByDescending(n => Array.IndexOf(first, n))
                .ThenBy(n => Convert.ToHexString(Encoding.UTF8.GetBytes(n)), StringComparer.Ordinal),
            fields.Select(f => f.Name));
        Assert.Equal(fields.Count, fields.Select(f => f.Name).Distinct().Count());
        Assert.All(fields, f => Assert.True(EventShapeTests.IsName(f.Name), f.Name));
        Assert.All(fields, f => Assert.NotEmpty(f.Values));
        Assert.All(fields.SelectMany(f => f.Values), v => Assert.False(v.Length == 0 || v.Contains('\0')));
        Assert.Contains(fields, f => f.Name == "message");
        var nested = new System.Buffers.ArrayBufferWriter<byte>();
        NestedEvent.Write(json, nested);
        using var document = JsonDocument.Parse(nested.WrittenMemory);
        Assert.Equal(fields.Count, Leaves(document.RootElement));
    }

    private static int Leaves(JsonElement value)
        => value.ValueKind == JsonValueKind.Object ? value.EnumerateObject().Sum(member => Leaves(member.Value)) : 1;

    /// <summary>With other texts and numbers in some places: lone surrogates, bytes that are not UTF-8, numbers beyond all bounds.</summary>
    private static byte[] Mutated(byte[] record, Random random)
    {
        var bytes = record.ToList();
        for (var edits = random.Next(1, 6); edits > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            byte[] piece = random.Next(6) switch
            {
                0 => [.. "\\ud800"u8],
                1 => [.. "\\udc00\\u0000"u8],
                2 => [(byte)random.Next(0x80, 0x100)],
                3 => [.. "1e999999999"u8],
                4 => [(byte)random.Next(0x20, 0x7F)],
                _ => [0xF0, 0x9F],
            };
            if (random.Next(3) == 0) bytes[at] = piece[0];
            else bytes.InsertRange(at, piece);
        }

        return [.. bytes];
    }
}
