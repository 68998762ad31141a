using System.Text.Json;

namespace ActivityConnector.Tests.Simulation;

public class VendorContractTests
{
    [Theory]
    [InlineData(
        """{"type":"activity_log.list","pages":{"type":"pages","next":null,"page":1},"activity_logs":[null,{"id":"6","metadata":{"message":{"id":1}}}]}""",
        0)]
    [InlineData("""{"pages":{"next":"https://api.intercom.io/x?page=2"}}""", 0)]
    [InlineData("""{"pages":{"next":{"starting_after":null,"per_page":2}}}""", 0)]
    [InlineData("""{"pages":{"type":"page"}}""", 1)]
    [InlineData("""{"pages":{"next":"not a url"}}""", 1)]
    [InlineData("""{"pages":{"page":"1"}}""", 1)]
    [InlineData("""{"activity_logs":null}""", 1)]
    [InlineData("""{"activity_logs":[{"id":6}]}""", 1)]
    [InlineData("""{"activity_logs":[{"performed_by":null}]}""", 1)]
    [InlineData("""{"activity_logs":[{"activity_type":"app_name_changed"}]}""", 1)]
    [InlineData("""{"activity_logs":[{"metadata":{"auto_changed":true,"expired_at":"tomorrow"}}]}""", 2)]
    [InlineData("""{"activity_logs":[{"metadata":{"changes":{"a":1}}}]}""", 1)]
    [InlineData("""{"activity_log":[]}""", 1)]
    public void The_validator_finds_what_breaks_intercoms_contract(string json, int violations) =>
        Assert.Equal(violations, VendorContract.Intercom.Violations(JsonDocument.Parse(json).RootElement, "activity_log_list").Count);

    [Theory]
    [InlineData("""{"items":[],"pagination":{}}""", 0)]
    [InlineData("""{"items":[]}""", 1)]
    [InlineData("""{"items":[],"pagination":{"after":null}}""", 1)]
    [InlineData("""{"items":[],"pagination":{"totalResultSize":1.5}}""", 1)]
    [InlineData("""{"items":[{}],"pagination":{}}""", 6)]
    public void The_validator_finds_what_breaks_sequences_contract(string json, int violations) =>
        Assert.Equal(violations, VendorContract.Sequence.Violations(JsonDocument.Parse(json).RootElement, "ActivityLogListResponse").Count);
}
