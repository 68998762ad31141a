using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Shared;

/// <summary>Valid things of the domain that a test does not care about in detail. The same arguments give the same thing.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Start = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);

    public static readonly SourceKey Intercom = new("intercom", "abc123");

    public static readonly SourceKey Sequence = new("sequence", "main");

    /// <summary>The event of record <paramref name="number"/>: one a second from <see cref="Start"/>.</summary>
    /// <param name="content">Another value is another content of the same record.</param>
    /// <param name="bytes">At least this long.</param>
    /// <param name="json">In the place of that JSON.</param>
    public static EcsEvent Event(
        int number, int content = 0, int bytes = 0, DateTimeOffset? time = null, bool hasSourceTime = true, string? actor = null, string? thing = null,
        ReadOnlyMemory<byte>? json = null)
    {
        var eventId = string.Create(CultureInfo.InvariantCulture, $"evt-{number}");
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes("v1\nintercom.audit\nabc123\n" + eventId));
        var contentHash = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{eventId}/{content}")));
        var at = time ?? Start.AddSeconds(number);
        var text = $$"""{"@timestamp":"{{at:yyyy-MM-ddTHH:mm:ss.fffZ}}","event.id":"{{eventId}}","event.dataset":"intercom.audit","message":"{{content}}"}""";
        return new EcsEvent
        {
            DocumentId = new(digest),
            ContentDigest = contentHash,
            EventIdText = Encoding.UTF8.GetBytes(eventId),
            Dataset = "intercom.audit",
            Action = "test_event",
            Tenant = "abc123",
            Time = at,
            HasSourceTime = hasSourceTime,
            TraceId = number % 3 == 0 ? Convert.ToHexStringLower(digest.AsSpan(16, 16)) : null,
            ActorId = actor,
            ObjectId = thing,
            Json = json ?? Encoding.UTF8.GetBytes(text.Length >= bytes ? text : text[..^1] + ",\"pad\":\"" + new string('x', bytes - text.Length) + "\"}"),
        };
    }

    public static IReadOnlyList<EcsEvent> Events(int first, int count, int bytes = 0) =>
        [.. Enumerable.Range(first, count).Select(i => Event(i, bytes: bytes))];

    /// <summary>A window checkpoint of <paramref name="source"/>, its watermark <paramref name="sequence"/> minutes after <see cref="Start"/>.</summary>
    public static Checkpoint Checkpoint(long sequence, SourceKey? source = null, DateTimeOffset? watermark = null) => new()
    {
        Source = source ?? Intercom,
        Sequence = sequence,
        CommittedAt = Start.AddMinutes(sequence),
        Writer = new CheckpointWriter("0.1.0", "test"),
        Window = new WindowPosition
        {
            Watermark = (watermark ?? Start.AddMinutes(sequence)).ToUnixTimeSeconds(),
            SpanSeconds = 86_400,
            LookbackSeconds = 900,
            SettleSeconds = 60,
            BackfillFrom = 1_760_000_000,
        },
        Totals = new CollectedCounts { Published = 10 * sequence },
    };

    /// <summary>A cursor checkpoint, after the page <c>cursor-{sequence}</c>.</summary>
    public static Checkpoint CursorCheckpoint(long sequence, SourceKey? source = null) => Checkpoint(sequence, source ?? Sequence) with
    {
        Window = null,
        Cursor = new CursorPosition
        {
            After = $"cursor-{sequence}",
            At = Start.ToUnixTimeSeconds(),
            Floor = 1,
            Days = [new DayCursor("cursor-b", Start.AddDays(-1).ToUnixTimeSeconds(), 1), new DayCursor(null, 0, null)],
            Accounts = ["acc-1"],
            Limit = 100,
            Head = Start,
        },
    };

    public static DeadLetter DeadLetter(int number, string reason = "not an object") => new()
    {
        Id = Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(number)).AsSpan(0, 20)),
        Stage = DeadLetterStage.Page,
        Reason = reason,
        Origin = "intercom/abc123",
        At = Start,
        Body = Encoding.UTF8.GetBytes($"[{number}]"),
        OriginalLength = 3,
    };

    /// <summary>Commit number <paramref name="sequence"/> of a source, with these events.</summary>
    public static JournalCommit Commit(long sequence, IReadOnlyList<EcsEvent> events, SourceKey? source = null, params IReadOnlyList<DeadLetter> deadLetters) =>
        new(events, deadLetters, Checkpoint(sequence, source));
}
