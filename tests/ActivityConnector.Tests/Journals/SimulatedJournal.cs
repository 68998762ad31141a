using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Journals;

/// <summary>What a simulated journal has on its disk: outlives the journals that are opened on it.</summary>
public sealed class SimulatedDisk
{
    internal List<JournalEvent> Events { get; } = [];

    internal Dictionary<EventKey, ulong> Seen { get; } = [];

    internal Dictionary<SourceKey, StoredSource> Sources { get; } = [];

    internal Dictionary<string, long> Readers { get; } = [];

    internal Dictionary<string, DeadLetter> DeadLetters { get; } = [];

    /// <summary>The position from which on nothing can be read.</summary>
    internal long DamagedFrom { get; set; } = long.MaxValue;

    internal sealed class StoredSource
    {
        public long Epoch { get; set; }

        public long Sequence { get; set; }

        /// <summary>Newest first.</summary>
        public List<(long Sequence, byte[] Text)> Checkpoints { get; set; } = [];
    }
}

/// <summary>
/// A journal in memory that crashes where its plan says: before anything is stored, with everything stored but the answer lost, or with
/// the commit in flight and its outcome unknown. After a crash a test opens another one on the same disk.
/// </summary>
/// <remarks>Not thread-safe beyond what one simulated process does: a reader reads while it acknowledges, all else interleaves by awaits.</remarks>
public sealed class SimulatedJournal(SimulatedDisk disk, CrashPlan crashes) : IJournal
{
    private bool _disposed;

    public int MaxEventBytes => 1 << 20;

    public Guid AgentId => Guid.Empty;

    public async ValueTask<IJournalWriter> OpenWriterAsync(SourceKey source, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await crashes.PassAsync("open writer");
        var stored = disk.Sources.TryGetValue(source, out var known) ? known : disk.Sources[source] = new();
        stored.Epoch++;
        var (checkpoint, valid) = Recover(source, stored);
        var writer = new Writer(this, source, stored.Epoch, checkpoint, valid);
        await crashes.PassAsync("writer opened");
        return writer;
    }

    public async ValueTask KeepDeadLettersAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
    {
        await crashes.PassAsync("keep");
        foreach (var letter in letters) disk.DeadLetters.TryAdd(letter.Id, letter);
    }

    public async ValueTask<IJournalReader> OpenReaderAsync(string reader, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await crashes.PassAsync("open reader");
        disk.Readers.TryAdd(reader, 0);
        return new Reader(this, reader, disk.Readers[reader]);
    }

    public ValueTask DisposeAsync()
    {
        _disposed = true;
        return ValueTask.CompletedTask;
    }

    private static (Checkpoint? Checkpoint, long ValidSequence) Recover(SourceKey source, SimulatedDisk.StoredSource stored)
    {
        foreach (var (sequence, text) in stored.Checkpoints)
        {
            if (CheckpointText.VersionOf(text) > Checkpoint.CurrentVersion)
            {
                throw new JournalCorruptException($"The checkpoint is of version {CheckpointText.VersionOf(text)}.", "Run a newer connector.");
            }

            try
            {
                return (CheckpointText.Parse(text) with { Sequence = stored.Sequence }, sequence);
            }
            catch (JournalCorruptException)
            {
                // The one before it may do.
            }
        }

        return stored.Sequence == 0
            ? (null, 0)
            : throw new JournalCorruptException($"No valid checkpoint of {source} is left.", "Set one by hand.");
    }

    private sealed class Writer(SimulatedJournal journal, SourceKey source, long epoch, Checkpoint? checkpoint, long validSequence) : IJournalWriter
    {
        private long _validSequence = validSequence;

        public SourceKey Source => source;

        public Checkpoint? Checkpoint { get; private set; } = checkpoint;

        private SimulatedDisk Disk => journal.Disk;

        public bool WasReset => false;

        public async ValueTask<IReadOnlyList<KnownEvent?>> FindAsync(IReadOnlyList<EventKey> keys, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(journal._disposed, journal);
            await journal.Crashes.PassAsync("find");
            return [.. keys.Select(k => Disk.Seen.TryGetValue(k, out var content) ? new KnownEvent(content, 0) : default(KnownEvent?))];
        }

        public async ValueTask CommitAsync(JournalCommit commit, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(journal._disposed, journal);
            if (commit.Checkpoint.Source != source) throw new ArgumentException($"The checkpoint is not of {source}.", nameof(commit));

            cancellationToken.ThrowIfCancellationRequested();
            await journal.Crashes.PassAsync("begin commit");
            foreach (var _ in commit.Events) await journal.Crashes.PassAsync("write event");

            try
            {
                await journal.Crashes.PassAsync("commit in flight");
            }
            catch (SimulatedCrashException) when (journal.Crashes.Toss())
            {
                // It had left before the crash, and arrives.
                Store(commit);
                throw;
            }

            Store(commit);
            await journal.Crashes.PassAsync("committed");
            Checkpoint = commit.Checkpoint;
            _validSequence = commit.Checkpoint.Sequence;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        /// <summary>The commit point: without an await, so all or nothing.</summary>
        private void Store(JournalCommit commit)
        {
            var stored = Disk.Sources[source];
            if (stored.Epoch != epoch) throw new JournalFencedException($"A newer writer owns {source}.", "Nothing.");

            if (commit.Checkpoint.Sequence != stored.Sequence + 1)
            {
                throw new JournalCorruptException($"{commit.Checkpoint.Sequence} does not follow {stored.Sequence}.", "See who else writes.");
            }

            var keys = commit.Events.Select(EventKey.Of).ToList();
            if (keys.Distinct().Count() != keys.Count || keys.Exists(Disk.Seen.ContainsKey))
            {
                throw new InvalidOperationException("An event is already in the journal, or twice in one commit.");
            }

            foreach (var e in commit.Events)
            {
                Disk.Seen.Add(EventKey.Of(e), e.ContentDigest);
                Disk.Events.Add(new(Disk.Events.Count + 1, source, e.Id, e.Time, e.TraceId, commit.Checkpoint.CommittedAt, e.Json.ToArray()));
            }

            foreach (var letter in commit.DeadLetters) Disk.DeadLetters.TryAdd(letter.Id, letter with { Body = letter.Body.ToArray() });

            stored.Sequence = commit.Checkpoint.Sequence;
            stored.Checkpoints =
                [(stored.Sequence, CheckpointText.Serialize(commit.Checkpoint)), .. stored.Checkpoints.Where(c => c.Sequence >= _validSequence)];
        }
    }

    private sealed class Reader(SimulatedJournal journal, string name, long position) : IJournalReader
    {
        private long _position = position;

        public async ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(int maxEvents, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(journal._disposed, journal);
            await journal.Crashes.PassAsync("read");
            if (_position >= journal.Disk.DamagedFrom)
            {
                throw new JournalCorruptException("The events cannot be read.", "Restore them from a backup.");
            }

            List<JournalEvent> events = [.. journal.Disk.Events.Skip((int)_position).Take(maxEvents)];
            _position += events.Count;
            return events;
        }

        public async ValueTask AcknowledgeAsync(JournalEvent last, CancellationToken cancellationToken)
        {
            await journal.Crashes.PassAsync("acknowledge");
            journal.Disk.Readers[name] = Math.Max(journal.Disk.Readers[name], last.Position);
            await journal.Crashes.PassAsync("acknowledged");
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private SimulatedDisk Disk => disk;

    private CrashPlan Crashes => crashes;
}
