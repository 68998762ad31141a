namespace ActivityConnector.Transforms;

/// <summary>
/// Maps vendor records to their flat ECS events. Pure: the same record, receive time and settings give the same bytes.
/// </summary>
/// <remarks>Not thread-safe: an instance reuses its buffers. Make one per source.</remarks>
public interface IActivityTransform
{
    /// <summary>
    /// Appends the events of a record to <paramref name="output"/>: none for a JSON <c>null</c>, one for an Intercom record, one per item of
    /// a Sequence record. Never throws for odd data: what cannot be mapped in full becomes an event with <c>event.kind: pipeline_error</c>
    /// that holds the original.
    /// </summary>
    void Transform(in RawActivity activity, EventBatch output);

    /// <summary>Whether privacy rules hide values: then the text of a record that has no event may not be kept either.</summary>
    bool HidesValues { get; }

    /// <summary>
    /// The content digests that the event's record had before it gained one member of one of its objects, with all that stands in it: one for
    /// each member it may have been. A new element of an array does not count as a new member.
    /// </summary>
    /// <param name="e">An event of this transform; its <see cref="EcsEvent.Record"/> must still be valid, and is read again.</param>
    IReadOnlyList<ulong> BeforeGrowth(EcsEvent e);
}
