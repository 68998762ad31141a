namespace ActivityConnector.Pipeline;

/// <summary>Where committed events are delivered. It is given the same events again after a crash: storing one twice must come to storing it once.</summary>
/// <remarks>Not thread-safe.</remarks>
public interface IEventSink : IAsyncDisposable
{
    /// <summary>The name under which the journal keeps this sink's position.</summary>
    string Name { get; }

    /// <summary>As many events as one write makes good use of.</summary>
    int BatchSize { get; }

    /// <summary>Why it takes nothing just now; null while it takes events.</summary>
    /// <remarks>May be asked at any time, from any thread.</remarks>
    Trouble? Blocked => null;

    /// <summary>
    /// Brings what it writes to into the state it needs. Called before the first write and after a failure; does nothing when it is there.
    /// </summary>
    /// <exception cref="SinkRefusedException">An operator must act.</exception>
    /// <exception cref="SinkUnavailableException">It cannot be reached for longer than this sink waits.</exception>
    ValueTask PrepareAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Returns only when every event is settled (stored, already there, left out on purpose, or refused permanently), or waits for an index of
    /// its own (<see cref="SinkResult.Waiting"/>). The caller then keeps what was refused as dead letters, and only after that acknowledges.
    /// After an exception nothing is known: the same events come again.
    /// </summary>
    /// <exception cref="SinkRefusedException">An operator must act; only from a sink that is set not to wait for it.</exception>
    /// <exception cref="SinkUnavailableException">Nothing was settled for longer than this sink waits.</exception>
    ValueTask<SinkResult> WriteAsync(IReadOnlyList<JournalEvent> events, CancellationToken cancellationToken);
}

/// <summary>What became of a write, or of many.</summary>
/// <param name="Stored">New in the sink.</param>
/// <param name="Known">There already.</param>
/// <param name="LeftOut">Settled without being stored, as the sink's own settings want it; each is counted and logged.</param>
/// <param name="Refused">Never to be stored as they are, each with the reason.</param>
/// <param name="Waiting">Events that are not settled and do not keep others from it; null when all are settled.</param>
public sealed record SinkResult(long Stored, long Known, long LeftOut, IReadOnlyList<RefusedEvent> Refused, WaitingEvents? Waiting = null);

/// <summary>Events whose index takes none until an operator acts. They are written again with the next ones, and not acknowledged before.</summary>
/// <param name="Events">In the order in which they were given.</param>
/// <param name="Cause">Why, for the operator.</param>
/// <param name="Fix">What the operator does about it.</param>
public sealed record WaitingEvents(IReadOnlyList<JournalEvent> Events, string Cause, string Fix);

/// <summary>An event that a sink refused permanently.</summary>
/// <param name="Reason">One line of at most 256 characters, without values of the record.</param>
public sealed record RefusedEvent(JournalEvent Event, string Reason);
