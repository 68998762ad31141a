using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Sources.Sequence;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActivityConnector.Tests.Sources;

/// <summary>A vendor that answers 200 with an error in it is not read, and is unhealthy before the next poll is due.</summary>
public sealed class ErrorsInGoodAnswersTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 11, 21, 20, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("intercom", """{"type":"error.list","request_id":"r","errors":[{"code":"server_error","message":"Something went wrong"}]}""")]
    [InlineData("intercom", """{"type":"error.list","errors":[{"code":"unauthorized","message":"Access Token Invalid"}]}""")]
    [InlineData("intercom", "{}")]
    [InlineData("sequence", """{"error":{"type":"INTERNAL","message":"Something went wrong"}}""")]
    [InlineData("sequence", """{"code":"UNAUTHENTICATED","message":"Invalid credentials"}""")]
    [InlineData("sequence", "{}")]
    [InlineData("sequence", "[]")]
    public void An_answer_of_200_with_an_error_in_it_is_unhealthy_within_one_interval(string vendor, string body)
    {
        using var answers = new SameAnswer(_clock);
        var journal = new ForgettingJournal(_clock, keeps: null);
        IntercomOptions intercom = new() { AccessToken = "t", Account = "w", StartAt = "-1d" };
        SequenceOptions sequence = new() { ClientId = "i", ClientSecret = "s", StartAt = "-1d" };
        IActivitySource source = vendor == "intercom"
            ? new IntercomSource(intercom, answers, _clock, new Random(1), NullLogger.Instance)
            : new SequenceSource(sequence, answers, _clock, new Random(1), NullLogger.Instance);
        using var owned = (IDisposable)source;
        var configured = new ConfiguredSource
        {
            Name = vendor,
            Source = source,
            Transform = _ => new PlainTransform(),
            Options = vendor == "intercom" ? intercom : sequence,
        };
        var collector = new Collector(source, journal, configured.Transform, new CheckpointWriter("1", "t"), _clock, NullLogger<Collector>.Instance);
        var runner = new SourceRunner(configured, collector, _clock, new Random(1), NullLogger<SourceRunner>.Instance);
        Assert.Equal(RunEnd.UpToDate, _clock.Run(() => runner.RunAsync(default)).End);
        Assert.True(runner.State.IsHealthy);

        answers.Broken = body;
        var began = _clock.GetTimestamp();
        var outcome = _clock.Run(() => runner.RunAsync(default));

        Assert.False(runner.State.IsHealthy, $"{outcome}");
        Assert.True(_clock.GetElapsedTime(began) < Interval, $"after {_clock.GetElapsedTime(began)}: {outcome}");
    }

    /// <summary>A vendor with an empty list, or with the same wrong answer to everything.</summary>
    private sealed class SameAnswer(TimeProvider clock) : HttpMessageHandler
    {
        public string? Broken { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var empty = request.RequestUri!.AbsolutePath.EndsWith("/me", StringComparison.Ordinal) ? """{"type":"admin","app":{"id_code":"w"}}"""
                : request.RequestUri.Host.Contains("intercom", StringComparison.Ordinal) ? VendorJson.Logs()
                : VendorJson.Items(null);
            var response = new HttpResponseMessage { Content = new StringContent(Broken ?? empty, System.Text.Encoding.UTF8, "application/json") };
            response.Headers.Date = clock.GetUtcNow();
            return Task.FromResult(response);
        }
    }
}
