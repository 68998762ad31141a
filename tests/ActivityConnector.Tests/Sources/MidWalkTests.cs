using System.Globalization;
using System.Net;
using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Sources.Intercom;
using ActivityConnector.Tests.Sources.Sequence;

namespace ActivityConnector.Tests.Sources;

/// <summary>A vendor fails in the middle of a long walk: what was committed is kept, and the next process resumes from there.</summary>
public sealed class MidWalkTests
{
    private const int Records = 6_000;

    private static readonly DateTimeOffset Start = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);

    private readonly ManualTimeProvider _clock = new(Start);

    public static TheoryData<string, string> Failures
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var vendor in new[] { "intercom", "sequence" })
            {
                foreach (var failure in new[] { "401", "403", "500", "502", "503", "html", "cut", "reset" }) data.Add(vendor, failure);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void After_a_failure_in_the_middle_the_next_process_goes_on_where_the_last_commit_was(string vendor, string failure)
    {
        var store = Store(vendor);
        var whole = Read(vendor, new FailingVendor(store, _clock), from: null);
        Assert.Null(whole.Failure);

        var first = Read(vendor, new FailingVendor(store, _clock) { Failure = failure, After = whole.Requests / 2 }, from: null);
        var second = Read(vendor, new FailingVendor(store, _clock), first.Committed);

        Assert.True(failure is "401" or "403" ? first.Failure is SourceRefusedException : first.Failure is SourceUnavailableException, $"{first.Failure}");
        Assert.NotNull(first.Committed);
        Assert.Null(second.Failure);
        Assert.InRange(first.Given.Count, 1, Records - 1);
        Assert.Equal(Records, first.Given.Union(second.Given).Count());
        // Not from the start: only the unit that was under way, and the overlap.
        Assert.InRange(second.Given.Intersect(first.Given).Count(), 0, Records / 4);
    }

    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public void An_outage_that_begins_at_any_request_of_a_walk_loses_nothing(string vendor)
    {
        var store = Store(vendor);
        var whole = Read(vendor, new FailingVendor(store, _clock), from: null);
        Assert.InRange(whole.Requests, 20, 200);

        for (var after = 0; after < whole.Requests; after++)
        {
            var first = Read(vendor, new FailingVendor(store, _clock) { Failure = "503", After = after }, from: null);
            var second = Read(vendor, new FailingVendor(store, _clock), first.Committed);

            Assert.True(first.Failure is SourceUnavailableException, $"The outage at request {after} was not said.");
            Assert.True(first.Given.Union(second.Given).Count() == Records, $"After an outage at request {after} records are missing.");
        }
    }

    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public void A_quota_that_is_used_up_in_the_middle_is_waited_for_however_often_and_nothing_is_read_twice(string vendor)
    {
        var whole = Read(vendor, new FailingVendor(Store(vendor), _clock), from: null);

        var read = Read(vendor, new FailingVendor(Store(vendor), _clock) { Failure = "429", After = whole.Requests / 2, Times = 20 }, from: null);

        Assert.Null(read.Failure);
        Assert.Equal(Records, read.Given.Count);
        Assert.Equal(whole.Requests + 20, read.Requests);
    }

    private HttpMessageHandler Store(string vendor)
    {
        var times = Enumerable.Range(0, Records).Select(i => Start.AddHours(-40).AddSeconds(i * 20)).ToList();
        if (vendor == "intercom")
        {
            var intercom = new IntercomStore(_clock);
            intercom.Records.AddRange(times.Select((at, i) => new StoredLog($"{i:000000}", at, at)));
            return intercom;
        }

        var sequence = new SequenceStore(_clock);
        sequence.Records.AddRange(times.Select((at, i) => new StoredItem($"{i:000000}", at, at)));
        return sequence;
    }

    /// <summary>One process, from its start until it has everything or fails.</summary>
    private (IReadOnlyCollection<string> Given, Checkpoint? Committed, Exception? Failure, int Requests) Read(
        string vendor, FailingVendor http, Checkpoint? from)
    {
        var start = Start.AddHours(-48).ToString("o", CultureInfo.InvariantCulture);
        using var source = vendor == "intercom"
            ? (IDisposable)new IntercomSource(
                new IntercomOptions { AccessToken = "t", StartAt = start, MaxWindow = TimeSpan.FromHours(4) }, http, _clock, new Random(1), new LogLines())
            : new SequenceSource(new SequenceOptions { ClientId = "i", ClientSecret = "s", StartAt = start }, http, _clock, new Random(1), new LogLines());
        var (given, committed) = (new HashSet<string>(), from);
        var failure = _clock.Run(async () =>
        {
            try
            {
                await foreach (var batch in ((IActivitySource)source).ReadAsync(committed, default))
                {
                    var unit = ReadBatch.Of(batch, _clock.GetUtcNow());
                    given.UnionWith(unit.Ids);
                    committed = Checkpoints.Of(unit.Position);
                }

                return null;
            }
            catch (Exception e) when (e is SourceRefusedException or SourceUnavailableException)
            {
                return e;
            }
        });
        return (given, committed, failure, http.Requests);
    }

    /// <summary>Before a vendor: from one request on its answers are those of a vendor that is not well.</summary>
    private sealed class FailingVendor(HttpMessageHandler vendor, TimeProvider clock) : DelegatingHandler(vendor)
    {
        public string? Failure { get; init; }

        /// <summary>So many requests are answered well first.</summary>
        public int After { get; init; }

        /// <summary>And then so many are not.</summary>
        public int Times { get; init; } = int.MaxValue;

        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var number = Requests++ - After;
            return Failure is { } failure && number >= 0 && number < Times ? Task.FromResult(Answer(failure)) : base.SendAsync(request, cancellationToken);
        }

        private HttpResponseMessage Answer(string failure)
        {
            var (status, type, body) = failure switch
            {
                "html" => (200, "text/html", "<!DOCTYPE html><p>Please wait</p>"),
                "502" => (502, "text/html", "<html><h1>Bad gateway</h1></html>"),
                "cut" => (200, "application/json", """{"items":[{"id":"""),
                "reset" => throw new HttpRequestException("connection reset"),
                _ => (int.Parse(failure, CultureInfo.InvariantCulture), "application/json", ""),
            };
            var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, type) };
            response.Headers.Date = clock.GetUtcNow();
            if (status == 429) response.Headers.TryAddWithoutValidation("Retry-After", "30");

            return response;
        }
    }
}
