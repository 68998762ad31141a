using System.Diagnostics;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Telemetry;

/// <summary>Listens to the spans of the process, so nothing else that makes some runs meanwhile.</summary>
[Collection(nameof(RecordSpansTests))]
public sealed class RecordSpansTests : IDisposable
{
    private readonly List<Activity> _spans = [];
    private readonly ActivityListener _listener;
    private readonly ActivitySource _test = new("test of record spans");

    public RecordSpansTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is Spans.SourceName || source == _test,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == default || options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.Source != _test) _spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _test.Dispose();
    }

    [Fact]
    public void A_record_with_a_trace_of_its_own_has_a_first_span_there_and_one_without_is_below_the_run()
    {
        var events = Some.Events(0, 6);
        using var run = _test.StartActivity("run")!;

        var contexts = new RecordSpans(RecordSpans.Sampled, joins: true).Create(events, "topic");

        Assert.Same(run, Activity.Current);
        Assert.Equal(contexts, _spans.Select(span => span.Context));
        Assert.All(events.Zip(_spans), made =>
        {
            var (e, span) = made;
            Assert.Equal(("create topic", ActivityKind.Producer), (span.DisplayName, span.Kind));
            Assert.Equal(e.Id, span.GetTagItem("messaging.message.id"));
            Assert.Equal(e.TraceId ?? run.TraceId.ToHexString(), span.TraceId.ToHexString());
            Assert.Equal(e.TraceId is null ? run.SpanId : default, span.ParentSpanId);
            Assert.Equal(e.TraceId is null ? [] : [run.Context], span.Links.Select(link => link.Context));
        });
    }

    [Fact]
    public void Linked_it_stays_in_the_trace_of_the_run_and_links_to_the_records()
    {
        var e = Some.Event(0);
        using var run = _test.StartActivity("run")!;

        new RecordSpans(RecordSpans.Sampled, joins: false).Create([e], "topic");

        var span = Assert.Single(_spans);
        Assert.Equal((run.TraceId, run.SpanId), (span.TraceId, span.ParentSpanId));
        var link = Assert.Single(span.Links).Context;
        Assert.Equal((e.TraceId, e.Id[24..]), (link.TraceId.ToHexString(), link.SpanId.ToHexString()));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(128, 128)]
    [InlineData(129, 15)]
    [InlineData(1_000, 16)]
    public void A_large_commit_has_spans_of_a_part_of_its_records_evenly_spread(int events, int expected)
    {
        using var run = _test.StartActivity("run")!;

        var contexts = new RecordSpans(RecordSpans.Sampled, joins: true).Create(Some.Events(0, events), "topic");

        Assert.Equal(expected, _spans.Count);
        var with = Enumerable.Range(0, events).Where(i => contexts[i] != default).ToList();
        Assert.Equal(Enumerable.Range(0, expected).Select(i => i * with.ElementAtOrDefault(1)), with);
    }

    [Fact]
    public void There_are_none_when_they_are_off_or_the_run_is_not_recorded()
    {
        using (_test.StartActivity("run")) Assert.Empty(RecordSpans.None.Create(Some.Events(0, 3), "topic"));

        Assert.Empty(new RecordSpans(RecordSpans.Sampled, joins: true).Create(Some.Events(0, 3), "topic"));
        Assert.Empty(_spans);
    }
}

/// <summary>Tests that listen to all spans of the process.</summary>
[CollectionDefinition(nameof(RecordSpansTests), DisableParallelization = true)]
public sealed class RecordSpansCollection;
