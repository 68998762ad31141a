namespace ActivityConnector.Transforms;

/// <summary>
/// Maps one vendor record to its flat ECS events. Pure: the same record, receive time and settings give the same bytes.
/// </summary>
/// <remarks>Not thread-safe: an instance reuses its buffers. Make one per source.</remarks>
public interface IActivityTransform
{
    /// <summary>
    /// Appends the events of <paramref name="activity"/> to <paramref name="output"/>: none for a JSON <c>null</c>, one for an
    /// Intercom record, one per item of a Sequence record. Never throws for odd data: what cannot be mapped in full becomes an
    /// event with <c>event.kind: pipeline_error</c> that holds the original.
    /// </summary>
    void Transform(in RawActivity activity, EventBatch output);
}
