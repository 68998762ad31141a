using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Operations;

/// <summary>Sends events that a sink refused to it again, after the cause was fixed. What it takes is a dead letter no more.</summary>
/// <remarks>Works beside a running connector: the sink stores an event once, however often it is sent.</remarks>
internal sealed class DeadLetterReplay(IJournalView view, DeadLetterRemoval removal, IEventSink sink)
{
    private const int IdDigits = 40;

    /// <summary>Events that are larger together go in two writes: all of one are in memory, beside what collection needs.</summary>
    private const int MostBytes = 8 * 1024 * 1024;

    private readonly List<ReplayedLetter> _results = [];

    /// <summary>How many are to be sent.</summary>
    public long Total { get; private set; }

    /// <summary>What became of those that were sent so far.</summary>
    public IReadOnlyList<ReplayedLetter> Results => _results;

    /// <summary>Sends all that a sink refused.</summary>
    /// <returns>What became of each.</returns>
    public async Task<IReadOnlyList<ReplayedLetter>> AllAsync(CancellationToken cancellationToken)
    {
        Total = (await view.OpenDeadLettersAsync(cancellationToken)).GetValueOrDefault(DeadLetterStage.Index);
        return await SendAsync(view.DeadLettersAsync(cancellationToken).Where(l => l.Stage == DeadLetterStage.Index), cancellationToken);
    }

    /// <summary>One that can be sent.</summary>
    /// <exception cref="ChangeRefusedException">There is no such dead letter, or it never became an event.</exception>
    public static async Task<DeadLetter> FindAsync(IJournalView view, string id, CancellationToken cancellationToken)
    {
        var letter = await view.DeadLetterAsync(id, cancellationToken)
            ?? throw new ChangeRefusedException($"There is no dead letter {id}.", "'dlq list' shows those that are open.");
        return letter.Stage == DeadLetterStage.Index
            ? letter
            : throw new ChangeRefusedException($"{id} never became an event, so it cannot be sent again: {letter.Reason}.", "Discard it once it is settled.");
    }

    /// <summary>Sends one.</summary>
    /// <inheritdoc cref="FindAsync"/>
    public async Task<ReplayedLetter> OneAsync(string id, CancellationToken cancellationToken)
    {
        var letter = await FindAsync(view, id, cancellationToken);
        Total = 1;
        return (await SendAsync(new[] { letter }.ToAsyncEnumerable(), cancellationToken))[0];
    }

    /// <summary>The events out of the letters, or, where a letter holds only their beginning, out of the journal as long as it still has them.</summary>
    private async Task<IReadOnlyList<ReplayedLetter>> SendAsync(IAsyncEnumerable<DeadLetter> letters, CancellationToken cancellationToken)
    {
        await sink.PrepareAsync(cancellationToken);
        var cut = new Dictionary<string, string>();
        await SendAsync(WholeAsync(letters, cut), cancellationToken);
        if (cut.Count > 0)
        {
            var events = view.EventsAsync(new EventFilter(), follow: null, cancellationToken);
            await SendAsync(events.TakeWhile(_ => cut.Count > 0).Where(e => cut.Remove(e.Id)), cancellationToken);
        }

        _results.AddRange(cut.Select(lost => new ReplayedLetter(
            lost.Key, lost.Value, "it is too large for its dead letter, and the journal has the event no more (Journal:Retention)")));

        // Others may have come or gone meanwhile.
        Total = _results.Count;
        return _results;
    }

    private async IAsyncEnumerable<JournalEvent> WholeAsync(IAsyncEnumerable<DeadLetter> letters, Dictionary<string, string> cut)
    {
        await foreach (var letter in letters)
        {
            if (letter.OriginalLength != letter.Body.Length)
            {
                cut.Add(letter.Id, letter.Origin);
            }
            else if (Event(letter) is { } e)
            {
                yield return e;
            }
            else
            {
                _results.Add(new ReplayedLetter(letter.Id, letter.Origin, "it is no event"));
            }
        }
    }

    private async Task SendAsync(IAsyncEnumerable<JournalEvent> events, CancellationToken cancellationToken)
    {
        var (batch, bytes) = (new List<JournalEvent>(), 0L);
        await foreach (var e in events.WithCancellation(cancellationToken))
        {
            if (batch.Count == sink.BatchSize || bytes + e.Json.Length > MostBytes)
            {
                await SendAsync(batch, cancellationToken);
                (batch, bytes) = ([], 0);
            }

            batch.Add(e);
            bytes += e.Json.Length;
        }

        await SendAsync(batch, cancellationToken);
    }

    private async Task SendAsync(List<JournalEvent> batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0) return;

        var result = await sink.WriteAsync(batch, cancellationToken);
        var notTaken = result.Refused.ToDictionary(r => r.Event.Id, r => r.Reason);
        foreach (var waiting in result.Waiting?.Events ?? []) notTaken[waiting.Id] = result.Waiting!.Cause;

        // What was left out is somewhere among them: none of them is given up for it.
        var leftOut = result.LeftOut > 0 ? "it, or another one sent with it, was left out" : null;
        var sent = batch.Select(e => new ReplayedLetter(e.Id, e.Source.ToString(), notTaken.GetValueOrDefault(e.Id) ?? leftOut)).ToList();
        _results.AddRange(sent.Where(letter => letter.Reason is not null));
        foreach (var taken in sent.Where(letter => letter.Reason is null).GroupBy(letter => letter.Origin))
        {
            await removal.RunAsync(taken.Key, [.. taken.Select(letter => letter.Id)], cancellationToken);
            _results.AddRange(taken);
        }
    }

    /// <summary>Null for what a stranger wrote where events or dead letters are kept.</summary>
    private static JournalEvent? Event(DeadLetter letter)
    {
        if (letter.Id.Length != IdDigits || !letter.Id.All(char.IsAsciiHexDigitLower) || FlatEvent.Trouble(letter.Body.Span) is not null
            || SourceKey.TryParse(letter.Origin) is not { IsValid: true } source || !Vendor.Names.Contains(source.Source))
        {
            return null;
        }

        using var json = JsonDocument.Parse(letter.Body);
        return json.RootElement.GetProperty("@timestamp").TryGetDateTimeOffset(out var at) ? new(0, source, letter.Id, at, null, letter.At, letter.Body) : null;
    }
}

/// <summary>What became of a dead letter that was sent again.</summary>
/// <param name="Origin">The source of the event.</param>
/// <param name="Reason">Why it stays a dead letter; null when the sink took it.</param>
internal sealed record ReplayedLetter(string Id, string Origin, string? Reason);
