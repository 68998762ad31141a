using System.Diagnostics;
using ActivityConnector.Transforms;

namespace ActivityConnector.Pipeline;

/// <summary>
/// The spans of single records, by which a search for a record's own trace id finds what the connector did with it. A commit of more events than
/// <paramref name="most"/> has spans of <see cref="Few"/> of them, evenly spread: the cost of a backfill stays small.
/// </summary>
/// <param name="most">The most events of a commit that all have spans; 0 = no event has one.</param>
/// <param name="joins">True: the span is in the record's own trace. False: it is in the trace of the run, with a link to the record's.</param>
/// <remarks>Thread-safe.</remarks>
internal sealed class RecordSpans(int most, bool joins)
{
    /// <summary>The most events of a commit that all have spans, unless it is configured otherwise.</summary>
    public const int Sampled = Spans.MostLinks;

    /// <summary>The spans of a larger commit, at most.</summary>
    public const int Few = 16;

    public static RecordSpans None { get; } = new(0, true);

    /// <summary>Makes the spans of a commit, below the span that is under way where a record has no trace of its own.</summary>
    /// <param name="destination">The topic, or what else the events are kept in.</param>
    /// <param name="describe">Sets what the journal knows of a message.</param>
    /// <returns>The context of each event's span, default where it has none; empty without a listener.</returns>
    public IReadOnlyList<ActivityContext> Create(IReadOnlyList<EcsEvent> events, string destination, Action<Activity, EcsEvent>? describe = null)
    {
        if (most == 0 || events.Count == 0 || Activity.Current is not { Recorded: true } run || !Spans.IsOn) return [];

        var contexts = new ActivityContext[events.Count];
        var name = $"create {destination}";
        var runContext = run.Context;
        ActivityLink[] toRun = [new(runContext)];
        var step = events.Count <= most ? 1L : (events.Count + Few - 1L) / Few;
        for (var i = 0L; i < events.Count; i += step)
        {
            var e = events[(int)i];
            using var span = Start(e, name, runContext, toRun);
            if (span is null) continue;

            span.SetTag(Spans.Destination, destination);
            span.SetTag(Spans.OperationName, "create");
            span.SetTag(Spans.OperationType, "create");
            span.SetTag(Spans.MessageId, e.Id);
            describe?.Invoke(span, e);
            contexts[i] = span.Context;
        }

        Activity.Current = run;
        return contexts;
    }

    private Activity? Start(EcsEvent e, string name, ActivityContext run, ActivityLink[] toRun)
    {
        if (e.TraceId is not { } own) return Spans.StartUnder(run, name, ActivityKind.Producer);

        var trace = ActivityTraceId.CreateFromString(own);
        return joins
            // No span above it: it is the first that the connector knows of in this trace.
            ? Spans.StartUnder(new(trace, default, ActivityTraceFlags.Recorded, isRemote: true), name, ActivityKind.Producer, toRun)
            : Spans.StartUnder(run, name, ActivityKind.Producer, [new(new(trace, SpanOf(e.Id), ActivityTraceFlags.None, isRemote: true))]);
    }

    /// <summary>The span id that the header <c>traceparent</c> of an event without a span has.</summary>
    private static ActivitySpanId SpanOf(string id) => ActivitySpanId.CreateFromString(id.AsSpan(24, 16));
}
