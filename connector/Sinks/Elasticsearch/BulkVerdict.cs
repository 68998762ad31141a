namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>What to do after an answer to one bulk request as a whole that has no items that can be read.</summary>
internal enum BulkVerdict
{
    /// <summary>It may or may not have been carried out, now or on this node: send the same again.</summary>
    Again,

    /// <summary>Too much for the server now: send less, later.</summary>
    SlowDown,

    /// <summary>The server failed at it: send it again, and less of it when that does not help.</summary>
    Fail,

    /// <summary>Too large: send the halves. One event alone is refused.</summary>
    Split,

    /// <summary>Something in it is not understood: send the halves until it is found.</summary>
    Bisect,

    /// <summary>The credential or a right is missing.</summary>
    Unauthorized,

    /// <summary>Writing is blocked in the cluster; it continues when that is lifted.</summary>
    Hold,

    /// <summary>The address, or what stands before the server, is not right.</summary>
    Misconfigured,
}

/// <summary>What to do with one item.</summary>
internal enum ItemVerdict
{
    Stored,

    /// <summary>There is a document with this id: this event.</summary>
    Known,

    /// <summary>A pipeline of the cluster's owner has dropped it.</summary>
    Dropped,

    /// <summary>Never to be stored as it is.</summary>
    Refused,

    /// <summary>Put aside by the server, in its failure store, under another id: each sending would add one more.</summary>
    InFailureStore,

    /// <summary>Too much for the server now.</summary>
    SlowDown,

    /// <summary>The disk is too full to write (flood stage). As <see cref="SlowDown"/>, and an operator must know.</summary>
    DiskFull,

    /// <summary>The server cannot now.</summary>
    Again,

    /// <summary>The server failed on this event: it is sent again, but only a limited number of times while other events succeed.</summary>
    AgainCounted,

    /// <summary>The index is not there and the server does not make it.</summary>
    MissingIndex,

    /// <summary>A right is missing.</summary>
    Unauthorized,

    /// <summary>Writing is blocked; it continues when that is lifted.</summary>
    Hold,

    /// <summary>A pipeline of the cluster's owner has given it an id that another document has: it is not stored.</summary>
    TakenId,

    /// <summary>The index, the data stream or the pipeline is not set up as it must be.</summary>
    Misconfigured,
}

/// <summary>From the server's answer to the next move. Pure.</summary>
internal static class BulkVerdicts
{
    /// <summary>Of an event that is stored already.</summary>
    public const string Duplicate = "version_conflict_engine_exception";

    private const string Block = "cluster_block_exception";

    public static BulkVerdict Of(int status, string? errorType) => status switch
    {
        401 => BulkVerdict.Unauthorized,
        403 when errorType == Block => BulkVerdict.Hold,
        403 => BulkVerdict.Unauthorized,
        413 => BulkVerdict.Split,
        429 when errorType == Block => BulkVerdict.Hold,
        429 => BulkVerdict.SlowDown,
        400 => BulkVerdict.Bisect,
        408 or 425 => BulkVerdict.Again,
        >= 300 and < 500 => BulkVerdict.Misconfigured,
        502 or 503 or 504 => BulkVerdict.Again,
        >= 500 => BulkVerdict.Fail,
        _ => BulkVerdict.Again,
    };

    /// <param name="hasOurId">False = a pipeline of the cluster's owner has given the event another id.</param>
    public static ItemVerdict Of(int status, ServerError error, string? result, string? failureStore, bool hasOurId) => status switch
    {
        // Comes with errors: false.
        >= 200 and < 300 when failureStore == "used" => ItemVerdict.InFailureStore,
        >= 200 and < 300 when result == "noop" => ItemVerdict.Dropped,
        >= 200 and < 300 => ItemVerdict.Stored,
        409 when error.Type is null or Duplicate => hasOurId ? ItemVerdict.Known : ItemVerdict.TakenId,
        400 => OfBadRequest(error),
        401 => ItemVerdict.Unauthorized,
        403 => error.Type == "security_exception" ? ItemVerdict.Unauthorized : ItemVerdict.Hold,
        404 => error.Type == "index_not_found_exception" ? ItemVerdict.MissingIndex : ItemVerdict.Misconfigured,
        429 => error.Type == Block ? ItemVerdict.DiskFull : ItemVerdict.SlowDown,
        502 or 503 or 504 => ItemVerdict.Again,
        409 or >= 500 => ItemVerdict.AgainCounted,
        _ => ItemVerdict.Misconfigured,
    };

    // What is said of the index is not about the document. A document that cannot be read as the mapping says is; what is left may also be a
    // pipeline or a strict mapping of the cluster's owner, which fails at every event.
    private static ItemVerdict OfBadRequest(ServerError error) => error.Type switch
    {
        "index_closed_exception" => ItemVerdict.Hold,
        "invalid_index_name_exception" or "validation_exception" => ItemVerdict.Misconfigured,
        "illegal_argument_exception" when error.Says("op_type of create are allowed in data streams") || error.Says("pipeline with id")
            || error.Says("no write index is defined") || error.Says("is not an alias") => ItemVerdict.Misconfigured,
        "document_parsing_exception" or "mapper_parsing_exception" => ItemVerdict.Refused,
        _ => ItemVerdict.AgainCounted,
    };
}
