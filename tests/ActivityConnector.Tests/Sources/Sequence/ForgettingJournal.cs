using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Sources.Sequence;

/// <summary>
/// A journal in memory that counts what is published, and forgets after each commit every id that a journal may forget: what is dated before
/// <c>known_from</c> and came with a commit that the position cannot reach. Or none, as SQLite.
/// </summary>
internal sealed class ForgettingJournal(TimeProvider clock, TimeSpan? keeps) : IJournal
{
    private readonly Dictionary<EventKey, (DateTimeOffset? Time, KnownEvent Event)> _known = [];
    private byte[]? _checkpoint;

    /// <summary>The vendor's ids, in the order of publication.</summary>
    public List<string> Published { get; } = [];

    public List<DeadLetter> DeadLetters { get; } = [];

    public int Commits { get; private set; }

    public Checkpoint? Checkpoint => _checkpoint is null ? null : CheckpointText.Parse(_checkpoint);

    public int MaxEventBytes => 1 << 20;

    public Guid AgentId => Guid.Empty;

    /// <summary>How many ids are known.</summary>
    public int KnownCount => _known.Count;

    public ValueTask<IJournalWriter> OpenWriterAsync(SourceKey source, CancellationToken cancellationToken) => new(new Writer(this, source));

    public ValueTask KeepDeadLettersAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IJournalReader> OpenReaderAsync(string reader, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Replaces the stored checkpoint, as an operator or an older build would.</summary>
    public void Set(Checkpoint checkpoint) => _checkpoint = CheckpointText.Serialize(checkpoint);

    private void Commit(JournalCommit commit)
    {
        Commits++;
        foreach (var e in commit.Events)
        {
            Published.Add(e.EventId);
            _known.Add(EventKey.Of(e), (e.HasSourceTime ? e.Time : null, new KnownEvent(e.ContentDigest, commit.Checkpoint.Sequence)));
        }

        DeadLetters.AddRange(commit.DeadLetters);
        var checkpoint = commit.Checkpoint;
        if (keeps is { } range && checkpoint.Sweep.Run is null)
        {
            var from = clock.GetUtcNow() - range;
            if (checkpoint.Sweep.CompletedTo is { } swept && DateTimeOffset.FromUnixTimeSeconds(swept) < from) from = DateTimeOffset.FromUnixTimeSeconds(swept);
            if (checkpoint.Sweep.BeganAt is { } began && began - range < from) from = began - range;
            from = checkpoint.KnownFrom > from ? checkpoint.KnownFrom.Value : from;
            checkpoint = checkpoint with { KnownFrom = from };
            var reachable = checkpoint.Position.FirstReachableCommit ?? long.MaxValue;
            foreach (var (key, (time, e)) in _known.ToList())
            {
                if (time < from && e.Commit < reachable) _known.Remove(key);
            }
        }

        Set(checkpoint);
    }

    private sealed class Writer(ForgettingJournal journal, SourceKey source) : IJournalWriter
    {
        public SourceKey Source => source;

        public Checkpoint? Checkpoint => journal.Checkpoint;

        public bool WasReset => false;

        public ValueTask<IReadOnlyList<KnownEvent?>> FindAsync(IReadOnlyList<EventKey> keys, CancellationToken cancellationToken) =>
            new([.. keys.Select(k => journal._known.TryGetValue(k, out var known) ? known.Event : default(KnownEvent?))]);

        public ValueTask CommitAsync(JournalCommit commit, CancellationToken cancellationToken)
        {
            Assert.Equal((journal.Checkpoint?.Sequence ?? 0) + 1, commit.Checkpoint.Sequence);
            journal.Commit(commit);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>The smallest transform of a Sequence record: its id, and its time when it has one.</summary>
internal sealed class IdTransform : IActivityTransform
{
    public IReadOnlyList<ulong> BeforeGrowth(EcsEvent e) => [];

    public bool HidesValues => false;

    public void Transform(in RawActivity activity, EventBatch output)
    {
        using var json = JsonDocument.Parse(activity.Json);
        var id = json.RootElement.GetProperty("id").GetString()!;
        var isDated = json.RootElement.TryGetProperty("createdAt", out var created) && created.TryGetDateTimeOffset(out _);
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        output.Add(new EcsEvent
        {
            DocumentId = new(digest),
            ContentDigest = 1,
            EventIdText = Encoding.UTF8.GetBytes(id),
            Dataset = "sequence",
            Action = "a",
            Tenant = "t",
            Time = isDated ? created.GetDateTimeOffset() : activity.ReceivedAt,
            HasSourceTime = isDated,
            Json = output.Keep("{}"u8.ToArray()),
        });
    }
}
