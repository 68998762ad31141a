using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Operations;

/// <summary>Sends events that a sink refused to it again, after the cause was fixed. What it takes is a dead letter no more.</summary>
/// <remarks>Works beside a running connector: the sink stores an event once, however often it is sent.</remarks>
internal sealed class DeadLetterReplay(IJournalView view, IJournalOperator journal, IEventSink sink)
{
    private const int IdDigits = 40;

    private readonly List<ReplayedLetter> _results = [];

    /// <summary>How many are to be sent.</summary>
    public int Total { get; private set; }

    /// <summary>What became of those that were sent so far, in order.</summary>
    public IReadOnlyList<ReplayedLetter> Results => _results;

    /// <summary>Sends all that a sink refused.</summary>
    /// <returns>What became of each, in the order in which they were sent.</returns>
    public async Task<IReadOnlyList<ReplayedLetter>> AllAsync(CancellationToken cancellationToken) => await SendAsync(
        await view.DeadLettersAsync(cancellationToken).Where(l => l.Stage == DeadLetterStage.Index).ToListAsync(cancellationToken), cancellationToken);

    /// <summary>Sends one.</summary>
    /// <exception cref="ChangeRefusedException">There is no such dead letter, or it never became an event.</exception>
    public async Task<ReplayedLetter> OneAsync(string id, CancellationToken cancellationToken)
    {
        var letter = await view.DeadLetterAsync(id, cancellationToken)
            ?? throw new ChangeRefusedException($"There is no dead letter {id}.", "'dlq list' shows those that are open.");
        return letter.Stage == DeadLetterStage.Index
            ? (await SendAsync([letter], cancellationToken))[0]
            : throw new ChangeRefusedException($"{id} never became an event, so it cannot be sent again: {letter.Reason}.", "Discard it once it is settled.");
    }

    private async Task<IReadOnlyList<ReplayedLetter>> SendAsync(List<DeadLetter> letters, CancellationToken cancellationToken)
    {
        Total = letters.Count;
        var events = await EventsAsync(letters, cancellationToken);
        await sink.PrepareAsync(cancellationToken);
        foreach (var batch in events.Chunk(sink.BatchSize))
        {
            var result = await sink.WriteAsync(batch, cancellationToken);
            var notTaken = result.Refused.ToDictionary(r => r.Event.Id, r => r.Reason);
            foreach (var waiting in result.Waiting?.Events ?? []) notTaken[waiting.Id] = result.Waiting!.Cause;

            foreach (var e in batch)
            {
                // What was left out is somewhere among them: none of them is given up for it.
                var reason = notTaken.GetValueOrDefault(e.Id) ?? (result.LeftOut > 0 ? "it, or another one sent with it, was left out" : null);
                if (reason is null) await journal.DiscardDeadLetterAsync(e.Id, cancellationToken);

                _results.Add(new ReplayedLetter(e.Id, e.Source.ToString(), reason));
            }
        }

        return _results;
    }

    /// <summary>The events: out of the letters, or, where a letter holds only their beginning, out of the journal as long as it still has them.</summary>
    private async Task<List<JournalEvent>> EventsAsync(List<DeadLetter> letters, CancellationToken cancellationToken)
    {
        var whole = new List<JournalEvent>();
        foreach (var letter in letters.Where(l => l.OriginalLength == l.Body.Length))
        {
            if (Event(letter) is { } e)
            {
                whole.Add(e);
            }
            else
            {
                _results.Add(new ReplayedLetter(letter.Id, letter.Origin, "it is no event"));
            }
        }

        var cut = letters.Where(l => l.OriginalLength != l.Body.Length).ToDictionary(l => l.Id);
        if (cut.Count > 0)
        {
            await foreach (var e in view.EventsAsync(new EventFilter(), follow: null, cancellationToken))
            {
                if (cut.Remove(e.Id)) whole.Add(e);
            }
        }

        _results.AddRange(cut.Values.Select(lost => new ReplayedLetter(
            lost.Id, lost.Origin, "it is too large for its dead letter, and the journal has the event no more (Journal:Retention)")));
        return whole;
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
