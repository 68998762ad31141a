using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Tests.Sources.Http;

public class NextMovesTests
{
    [Theory]
    [InlineData("a page", 200, null, nameof(NextMove.Use))]
    [InlineData("no content is no page", 204, null, nameof(NextMove.Retry))]
    [InlineData("a redirect is never followed", 302, null, nameof(NextMove.Refuse))]
    [InlineData("a request that is not accepted", 400, null, nameof(NextMove.Reject))]
    [InlineData("an unknown version of Sequence", 400, "UnrecognisedApiVersion", nameof(NextMove.Refuse))]
    [InlineData("an unknown version of Intercom", 400, "intercom_version_invalid", nameof(NextMove.Refuse))]
    [InlineData("a refused credential", 401, "unauthorized", nameof(NextMove.Refuse))]
    [InlineData("a plan without the API", 402, null, nameof(NextMove.Refuse))]
    [InlineData("a restricted plan", 403, "api_plan_restricted", nameof(NextMove.Refuse))]
    [InlineData("a wrong address", 404, "not_found", nameof(NextMove.Refuse))]
    [InlineData("a missing parameter as 404", 404, "parameter_not_found", nameof(NextMove.Reject))]
    [InlineData("a missing parameter as 422", 422, "parameter_not_found", nameof(NextMove.Reject))]
    [InlineData("a wrong Accept", 406, null, nameof(NextMove.Refuse))]
    [InlineData("a slow server", 408, "request_timeout", nameof(NextMove.Retry))]
    [InlineData("a used up quota", 429, "rate_limit_exceeded", nameof(NextMove.Wait))]
    [InlineData("a used up quota without a word", 429, null, nameof(NextMove.Wait))]
    [InlineData("a busy server under another status", 503, "too_many_requests", nameof(NextMove.Wait))]
    [InlineData("a fault of the server", 500, "server_error", nameof(NextMove.Retry))]
    [InlineData("a gateway", 502, null, nameof(NextMove.Retry))]
    [InlineData("an outage", 503, "service_unavailable", nameof(NextMove.Retry))]
    [InlineData("a code nobody knows", 500, "brand_new", nameof(NextMove.Retry))]
    public void Status_and_code_decide(string what, int status, string? code, string move) =>
        Assert.True(move == Of(status, code).ToString(), $"{what}: {Of(status, code)}");

    private static NextMove Of(int status, string? code) =>
        (code is null ? null : IntercomErrors.MoveOn(status, code) ?? SequenceErrors.MoveOn(status, code)) ?? NextMoves.Of(status);
}
