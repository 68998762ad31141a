using System.Text;
using System.Text.Json;
using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Tests.Transforms;

/// <summary>Times, addresses, e-mails and trace ids: how one value of a record becomes fields.</summary>
public class EcsPartTests
{
    [Theory]
    [InlineData("1547669358", "2019-01-16T20:09:18.000Z")]
    [InlineData("\"1547669358\"", "2019-01-16T20:09:18.000Z")]
    [InlineData("1547669358.25", "2019-01-16T20:09:18.250Z")]
    [InlineData("1547669358123", "2019-01-16T20:09:18.123Z")]
    [InlineData("1547669358123456", "2019-01-16T20:09:18.123456Z")]
    [InlineData("1547669358123456789", "2019-01-16T20:09:18.1234567Z")]
    [InlineData("1.547669358e9", "2019-01-16T20:09:18.000Z")]
    [InlineData("\"2024-01-01T10:00:00Z\"", "2024-01-01T10:00:00.000Z")]
    [InlineData("\"2024-01-01T10:00:00.123456+02:00\"", "2024-01-01T08:00:00.123456Z")]
    [InlineData("\"2024-01-01T10:00:00.123456789Z\"", "2024-01-01T10:00:00.1234567Z")]
    [InlineData("\"2024-01-01T10:00:00.1000000Z\"", "2024-01-01T10:00:00.100Z")]
    [InlineData("\"2024-02-29T23:59:59\"", "2024-02-29T23:59:59.000Z")]
    [InlineData("\"2024-01-01\"", "2024-01-01T00:00:00.000Z")]
    public void A_time_is_read_in_every_form_the_vendors_use(string createdAt, string expected)
    {
        using var batch = Mapped.Intercom($$"""{"id":"6","created_at":{{createdAt}},"activity_type":"app_name_change"}""");

        Assert.Equal($"\"{expected}\"", batch.Field("@timestamp"));
        Assert.Equal("\"event\"", batch.Field("event.kind"));
        Assert.True(batch.Events[0].HasSourceTime);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("true")]
    [InlineData("1e400")]
    [InlineData("99999999999999999999999999999999")]
    [InlineData("\"yesterday\"")]
    [InlineData("\"2023-02-29T00:00:00Z\"")]
    [InlineData("\"2024-01-01T25:00:00Z\"")]
    [InlineData("\"0001-01-01T00:00:00+01:00\"")]
    public void What_is_no_time_falls_back_to_the_receive_time(string createdAt)
    {
        using var batch = Mapped.Intercom($$"""{"id":"6","created_at":{{createdAt}},"activity_type":"app_name_change"}""");

        Assert.Equal("\"2026-11-21T19:40:00.000Z\"", batch.Field("@timestamp"));
        Assert.Equal("\"pipeline_error\"", batch.Field("event.kind"));
        Assert.Contains("_timestamp_fallback", batch.Field("tags"), StringComparison.Ordinal);
        Assert.Equal(["created_at is not a time"], JsonSerializer.Deserialize<string[]>(batch.Field("error.message")!)!);
        Assert.False(batch.Events[0].HasSourceTime);
        Assert.True(batch.Events[0].IsPipelineError);
    }

    [Theory]
    [InlineData("1262304000", true)]
    [InlineData("1293840000", false)]
    [InlineData("\"2026-11-22T19:40:00Z\"", false)]
    [InlineData("\"2026-11-22T19:40:01Z\"", true)]
    public void A_time_before_2011_or_a_day_ahead_is_kept_as_suspect(string createdAt, bool isSuspect)
    {
        using var batch = Mapped.Intercom($$"""{"id":"6","created_at":{{createdAt}},"activity_type":"app_name_change"}""");

        Assert.Equal(isSuspect, batch.Field("tags")!.Contains("_timestamp_suspect", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("8.8.8.8", "8.8.8.8", null, "")]
    [InlineData(" 8.8.8.8 ", "8.8.8.8", null, "")]
    [InlineData("8.8.8.8:443", "8.8.8.8", "443", "")]
    [InlineData("8.8.8.8:65536", null, null, "_source_ip_invalid")]
    [InlineData("8.8.8.8:", null, null, "_source_ip_invalid")]
    [InlineData("8.8.8.8%eth0", null, null, "_source_ip_invalid")]
    [InlineData("1", null, null, "_source_ip_invalid")]
    [InlineData("1.2.3", null, null, "_source_ip_invalid")]
    [InlineData("0x7f.1", null, null, "_source_ip_invalid")]
    [InlineData("010.1.1.1", null, null, "_source_ip_invalid")]
    [InlineData("256.1.1.1", null, null, "_source_ip_invalid")]
    [InlineData("unknown", null, null, "_source_ip_invalid")]
    [InlineData("[8.8.8.8]", "8.8.8.8", null, "")]
    [InlineData("0.0.0.0", null, null, "")]
    [InlineData("::", null, null, "")]
    [InlineData("10.1.2.3", "10.1.2.3", null, "_source_ip_non_public")]
    [InlineData("172.32.0.1", "172.32.0.1", null, "")]
    [InlineData("100.64.0.1", "100.64.0.1", null, "_source_ip_non_public")]
    [InlineData("2A00:1450:4001:0830:0:0:0:200E", "2a00:1450:4001:830::200e", null, "")]
    [InlineData("[2a00:1450::1]:8443", "2a00:1450::1", "8443", "")]
    [InlineData("fe80::1%eth0", "fe80::1", null, "_source_ip_non_public")]
    [InlineData("::ffff:8.8.4.4", "8.8.4.4", null, "")]
    [InlineData("::FFFF:0808:0404", "8.8.4.4", null, "")]
    [InlineData("::ffff:010.8.4.4", null, null, "_source_ip_invalid")]
    [InlineData("1:0:0:2:0:0:0:3", "1:0:0:2::3", null, "")]
    [InlineData("garbage, 8.8.8.8:1, 10.0.0.1", "8.8.8.8", "1", "")]
    public void An_address_is_what_a_strict_reader_takes_for_one(string ip, string? expected, string? port, string tag)
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(performedBy: $$"""{"id":"1","ip":"{{ip}}"}"""));

        Assert.Equal(JsonSerializer.Serialize(ip.Trim()), batch.Field("source.address"));
        Assert.Equal(expected is null ? null : $"\"{expected}\"", batch.Field("source.ip"));
        Assert.Equal(port, batch.Field("source.port"));
        Assert.Equal(tag.Length == 0 ? null : $"[\"{tag}\"]", batch.Field("tags"));
    }

    [Fact]
    public void Every_valid_address_of_a_list_is_related_once()
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(performedBy: """{"id":"1","ip":"8.8.8.8, x, 10.0.0.1, 8.8.8.8, 0.0.0.0"}"""));

        Assert.Equal("""["8.8.8.8","10.0.0.1"]""", batch.Field("related.ip"));
    }

    [Theory]
    [InlineData("Jane.Doe@Company.COM", "jane.doe@company.com", "jane.doe@company.com", "company.com")]
    [InlineData(" a@b ", "a@b", "a@b", "b")]
    [InlineData("ÄB@x.de", "äb@x.de", "äb@x.de", "x.de")]
    [InlineData("a@b@c", null, "a@b@c", null)]
    [InlineData("@b", null, "@b", null)]
    [InlineData("a@", null, "a@", null)]
    [InlineData("Jane", null, "Jane", null)]
    public void An_email_is_an_address_or_else_a_name(string email, string? address, string name, string? domain)
    {
        using var batch = Mapped.Intercom(Mapped.IntercomRecord(performedBy: $$"""{"email":"{{email}}"}"""));

        Assert.Equal(Json(address), batch.Field("user.email"));
        Assert.Equal(Json(name), batch.Field("user.name"));
        Assert.Equal(Json(domain), batch.Field("user.domain"));
        Assert.Equal(Json(address), batch.Field("user.id"));
    }

    [Theory]
    [InlineData("f26ad30d3be41b2f64fa7dbfb22ba5fd", "f26ad30d3be41b2f64fa7dbfb22ba5fd", false)]
    [InlineData("F26AD30D3BE41B2F64FA7DBFB22BA5FD", "f26ad30d3be41b2f64fa7dbfb22ba5fd", false)]
    [InlineData("F26ad30d-3be4-1b2f-64fa-7dbfb22ba5fd", "f26ad30d3be41b2f64fa7dbfb22ba5fd", true)]
    [InlineData("64fa7dbfb22ba5fd", null, true)]
    [InlineData("00000000000000000000000000000000", null, true)]
    [InlineData("not-a-trace", null, true)]
    [InlineData("", null, false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c", false)]
    public void A_trace_id_is_taken_by_the_table_of_the_mapping(string raw, string? expected, bool keepsRaw)
    {
        using var batch = Mapped.Sequence(Mapped.SequenceRecord($"[{Mapped.Item()}]", $"\"traceId\":\"{raw}\""));

        Assert.Equal(Json(expected), batch.Field("trace.id"));
        Assert.Equal(keepsRaw ? Json(raw) : null, batch.Field("sequence.trace_id"));
        Assert.Equal(expected, batch.Events[0].TraceId);
    }

    [Fact]
    public void Canonical_JSON_sorts_unescapes_and_takes_the_last_of_two()
    {
        var record = new RecordTree();
        record.Read(Encoding.UTF8.GetBytes(
            """{ "b" : [ 1.50 , true, null, {}, [] ], "\u0061" : "\/\u00e9\u001f\u0000\ud800", "b\ufb33":1, "b\ud83d\ude00":2, "c":1, "c":"2" }"""));

        Assert.Equal(
            "{\"a\":\"/é\\u001f\\u0000\uFFFD\",\"b\":[1.50,true,null,{},[]],\"b😀\":2,\"b\uFB33\":1,\"c\":\"2\"}",
            Encoding.UTF8.GetString(new CanonicalJson(record).Of(0)));
    }

    private static string? Json(string? text) => text is null ? null : $"\"{text}\"";
}
