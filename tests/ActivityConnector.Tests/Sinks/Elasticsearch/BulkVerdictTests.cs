using ActivityConnector.Sinks.Elasticsearch;

namespace ActivityConnector.Tests.Sinks.Elasticsearch;

/// <summary>Every answer, and the next move.</summary>
public sealed class BulkVerdictTests
{
    [Theory]
    [InlineData("stored", 201, null, null, "created", null, "Stored")]
    [InlineData("stored, by a server that gives no result", 201, null, null, null, null, "Stored")]
    [InlineData("put aside in the failure store", 201, null, null, "created", "used", "InFailureStore")]
    [InlineData("failure store not used", 201, null, null, "created", "not_enabled", "Stored")]
    [InlineData("dropped by a pipeline", 200, null, null, "noop", null, "Dropped")]
    [InlineData("there already", 409, "version_conflict_engine_exception", "version conflict, document already exists", null, null, "Known")]
    [InlineData("conflict of another kind", 409, "resource_already_exists_exception", null, null, null, "AgainCounted")]
    [InlineData("field of another type, 8 and later", 400, "document_parsing_exception", "[1:2] failed to parse field", null, null, "Refused")]
    [InlineData("field of another type, before 8", 400, "mapper_parsing_exception", "failed to parse", null, null, "Refused")]
    [InlineData("field that may not be there", 400, "strict_dynamic_mapping_exception", null, null, null, "AgainCounted")]
    [InlineData("too many fields", 400, "illegal_argument_exception", "Limit of total fields [1000] has been exceeded", null, null, "AgainCounted")]
    [InlineData("a pipeline that fails", 400, "illegal_argument_exception", "field [x] doesn't exist", null, null, "AgainCounted")]
    [InlineData("a pipeline whose script fails", 400, "script_exception", "runtime error", null, null, "AgainCounted")]
    [InlineData("index that may not be made", 400, "validation_exception", "this action would add [2] shards", null, null, "Misconfigured")]
    [InlineData("refused although the failure store is off", 400, "document_parsing_exception", null, null, "not_enabled", "Refused")]
    [InlineData(
        "index where a create is wanted", 400, "illegal_argument_exception",
        "only write ops with an op_type of create are allowed in data streams", null, null, "Misconfigured")]
    [InlineData("no such pipeline", 400, "illegal_argument_exception", "pipeline with id [x] does not exist", null, null, "Misconfigured")]
    [InlineData("alias without a write index", 400, "illegal_argument_exception", "no write index is defined for alias [x]", null, null, "Misconfigured")]
    [InlineData("name that cannot be", 400, "invalid_index_name_exception", null, null, null, "Misconfigured")]
    [InlineData("closed index", 400, "index_closed_exception", "closed", null, null, "Hold")]
    [InlineData("credential lost in the middle", 401, "security_exception", null, null, null, "Unauthorized")]
    [InlineData("no right to this index", 403, "security_exception", null, null, null, "Unauthorized")]
    [InlineData("write block", 403, "cluster_block_exception", "blocked by: [FORBIDDEN/8/index write (api)]", null, null, "Hold")]
    [InlineData("index creation blocked", 403, "index_create_block_exception", null, null, null, "Hold")]
    [InlineData("index not there", 404, "index_not_found_exception", null, null, null, "MissingIndex")]
    [InlineData("something else not there", 404, "resource_not_found_exception", null, null, null, "Misconfigured")]
    [InlineData("full queue", 429, "es_rejected_execution_exception", null, null, null, "SlowDown")]
    [InlineData("full queue of OpenSearch", 429, "rejected_execution_exception", null, null, null, "SlowDown")]
    [InlineData("breaker", 429, "circuit_breaking_exception", null, null, null, "SlowDown")]
    [InlineData("flood stage", 429, "cluster_block_exception", "TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark", null, null, "DiskFull")]
    [InlineData("failure of the server", 500, "null_pointer_exception", null, null, null, "AgainCounted")]
    [InlineData("no shard", 503, "unavailable_shards_exception", null, null, null, "Again")]
    [InlineData("no master", 503, "cluster_block_exception", "no master", null, null, "Again")]
    [InlineData("cluster too slow", 503, "process_cluster_event_timeout_exception", null, null, null, "Again")]
    public void Each_item(string name, int status, string? type, string? reason, string? result, string? failureStore, string expected) =>
        Assert.Equal(
            (name, expected), (name, BulkVerdicts.Of(status, new ServerError(type, reason, null), result, failureStore, hasOurId: true).ToString()));

    [Fact]
    public void An_id_that_a_pipeline_has_set_is_stored_when_it_is_new_and_not_when_it_is_taken()
    {
        var taken = new ServerError(BulkVerdicts.Duplicate, null, null);

        Assert.Equal(ItemVerdict.Stored, BulkVerdicts.Of(201, default, "created", null, hasOurId: false));
        Assert.Equal(ItemVerdict.TakenId, BulkVerdicts.Of(409, taken, null, null, hasOurId: false));
    }

    [Theory]
    [InlineData("an answer to something else, or cut off", 200, null, "Again")]
    [InlineData("redirect", 301, null, "Misconfigured")]
    [InlineData("a line that is not understood", 400, "illegal_argument_exception", "Bisect")]
    [InlineData("credential refused", 401, "security_exception", "Unauthorized")]
    [InlineData("right missing", 403, "security_exception", "Unauthorized")]
    [InlineData("a proxy forbids it", 403, null, "Unauthorized")]
    [InlineData("cluster read-only", 403, "cluster_block_exception", "Hold")]
    [InlineData("not the address of a cluster", 404, null, "Misconfigured")]
    [InlineData("media type refused", 406, "media_type_header_exception", "Misconfigured")]
    [InlineData("a proxy gave up reading", 408, null, "Again")]
    [InlineData("too large", 413, null, "Split")]
    [InlineData("too many at once", 429, "es_rejected_execution_exception", "SlowDown")]
    [InlineData("too many for a proxy", 429, null, "SlowDown")]
    [InlineData("cluster flooded", 429, "cluster_block_exception", "Hold")]
    [InlineData("failure of the server", 500, null, "Fail")]
    [InlineData("failure of the server, of another number", 507, null, "Fail")]
    [InlineData("gateway", 502, null, "Again")]
    [InlineData("not ready", 503, null, "Again")]
    [InlineData("gateway gave up", 504, null, "Again")]
    [InlineData("no answer", 0, null, "Again")]
    public void Each_request(string name, int status, string? type, string expected) =>
        Assert.Equal((name, expected), (name, BulkVerdicts.Of(status, type).ToString()));

    [Theory]
    [InlineData(
        "[1:20] failed to parse field [source.ip] of type [ip] in document with id 'a'. Preview of field's value: 'secret'",
        "document_parsing_exception: field [source.ip] of type [ip] (illegal_argument_exception)")]
    [InlineData(
        "Limit of total fields [1000] has been exceeded while adding new fields [1]",
        "document_parsing_exception: Limit of total fields [1000] (illegal_argument_exception)")]
    [InlineData("field [nope] doesn't exist", "document_parsing_exception: field [nope] doesn't exist (illegal_argument_exception)")]
    [InlineData(
        "field [a] not present as part of path [a.b]", "document_parsing_exception: field [a] not present as part of path [a.b] (illegal_argument_exception)")]
    [InlineData("field [secret] is bad", "document_parsing_exception (illegal_argument_exception)")]
    [InlineData("secret", "document_parsing_exception (illegal_argument_exception)")]
    [InlineData(null, "document_parsing_exception (illegal_argument_exception)")]
    public void A_reason_to_keep_names_the_field_and_quotes_nothing(string? said, string reason) =>
        Assert.Equal(reason, new ServerError("document_parsing_exception", said, "illegal_argument_exception").WithoutValues());
}
