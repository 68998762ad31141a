using System.Diagnostics;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Intercom;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Shared;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources;

/// <summary>What holds for either source: it keeps nothing of its own, trusts only the vendor's clock, bounds what it reads, shows no secret.</summary>
public class BothSourcesTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 20, 0, 0, TimeSpan.Zero);

    private readonly ManualTimeProvider _clock = new(Start);
    private readonly LogLines _log = new();
    private ScriptedVendor Vendor { get; }
    private readonly IntercomOptions _intercom = new() { AccessToken = "tok-secret" };
    private readonly SequenceOptions _sequence = new() { ClientId = "client-id", ClientSecret = "client-secret" };

    public BothSourcesTests() => Vendor = new ScriptedVendor(_clock);

    [Theory]
    [Trait("EdgeCase", "49")]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public void After_a_crash_before_the_commit_the_next_reader_gets_the_same_again(string name)
    {
        Script(name, twice: true);

        var crashed = ReadBatch.All(_clock, NewSource(name).ReadAsync(From(name), default)).Single();
        var again = ReadBatch.All(_clock, NewSource(name).ReadAsync(From(name), default)).Single();

        Assert.Equal(crashed.Records, again.Records);
        Assert.Equal(Vendor.Sent[0].Uri, Vendor.Sent[1].Uri);
    }

    [Fact]
    [Trait("EdgeCase", "50")]
    public void Nothing_more_is_asked_of_the_vendor_while_a_unit_has_not_been_taken()
    {
        Vendor.Answer(Logs()).Answer(Logs()).Answer(Logs());
        using var source = NewIntercom();

        _clock.Run(async () =>
        {
            var sent = 0;
            await foreach (var batch in source.ReadAsync(Checkpoints.At(Start.AddDays(-13)), default))
            {
                using (batch)
                {
                    Assert.Equal(++sent, Vendor.Sent.Count);
                    // A slow caller, on the test's own clock.
                    await Task.Delay(TimeSpan.FromSeconds(5), _clock);
                    Assert.Equal(sent, Vendor.Sent.Count);
                }
            }
        });
    }

    [Theory]
    [Trait("EdgeCase", "53")]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public void Without_a_checkpoint_reading_starts_at_the_configured_start_and_never_now(string name)
    {
        _intercom.StartAt = _sequence.StartAt = "2026-11-21T19:30:00Z";
        Script(name, twice: false);

        ReadBatch.All(_clock, NewSource(name).ReadAsync(null, default));

        var (from, parameter) = name == "intercom" ? ($"{Start.AddMinutes(-30).ToUnixTimeSeconds() - 1}", "created_at_after") : ("", "after");
        Assert.Equal(from, Vendor.Sent[0][parameter]);
    }

    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public void A_start_in_the_future_is_refused_with_its_option(string name)
    {
        _intercom.StartAt = _sequence.StartAt = "2999-01-01";

        var (_, error) = ReadBatch.UntilFailure<SourceRefusedException>(_clock, NewSource(name).ReadAsync(null, default));

        Assert.Contains(":StartAt", error.Fix, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("EdgeCase", "54")]
    public void The_hold_back_is_measured_by_the_vendors_clock()
    {
        Vendor.Skew = TimeSpan.FromMinutes(-1);
        Vendor.Answer(Items("c2", Item("a", Start.AddMinutes(-10.5)))).Answer(Items(null));

        var unit = ReadBatch.All(_clock, NewSequence().ReadAsync(Checkpoints.After("c1"), default)).Single();

        Assert.Equal("c1", unit.Cursor.After);
    }

    [Fact]
    [Trait("EdgeCase", "55")]
    public void A_body_that_does_not_end_in_time_is_given_up_and_asked_for_again()
    {
        Vendor.Answer(_ => Vendor.Response(200, new StreamContent(new EndlessStream(0)))).Answer(Items(null, Item("a", Start)));

        var unit = ReadBatch.All(_clock, NewSequence().ReadAsync(Checkpoints.After("c1"), default)).Single();

        Assert.Equal(["a"], unit.Ids);
        Assert.InRange(Vendor.Sent[1].At - Vendor.Sent[0].At, VendorClient.AttemptTimeout, VendorClient.AttemptTimeout + TimeSpan.FromSeconds(1));
    }

    [Fact]
    [Trait("EdgeCase", "55")]
    public void A_body_without_end_is_cut_at_the_size_limit()
    {
        var streams = new List<EndlessStream>();
        for (var i = 0; i < 7; i++)
        {
            Vendor.Answer(_ =>
            {
                streams.Add(new EndlessStream(1024 * 1024));
                return Vendor.Response(200, new StreamContent(streams[^1]));
            });
        }

        // A body of one record would be read to its end.
        for (var i = 0; i < VendorClient.MaxAttempts; i++) Vendor.Answer("", 503);

        var (batches, _) = ReadBatch.UntilFailure<SourceUnavailableException>(_clock, NewSequence().ReadAsync(Checkpoints.After("c1"), default));

        Assert.Empty(batches);
        Assert.Equal(["100", "50", "25", "12", "6", "3", "1"], Vendor.Sent.Take(7).Select(r => r["limit"]));
        Assert.All(streams, s => Assert.InRange(s.Given, VendorClient.MaxPageBytes, VendorClient.MaxPageBytes + (1024L * 1024)));
        Vendor.AssertDone();
    }

    [Theory]
    [Trait("EdgeCase", "56")]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public void No_credential_cursor_or_query_is_in_any_log_line_or_error(string name)
    {
        Vendor.Answer("tok-secret", 500).Answer("", 429).Throws(new HttpRequestException("connection reset"));
        Vendor.Answer("""{"errors":[{"code":"tok-secret client-secret"}],"error":{"type":"tok-secret client-secret"}}""", 401);

        var (_, error) = ReadBatch.UntilFailure<SourceRefusedException>(_clock, NewSource(name).ReadAsync(From(name), default));

        const string secret = "tok-secret|client-secret|client-id|Basic |Bearer |cursor-1|created_at_|\\?";
        Assert.All([.. _log.Lines, error.ToString(), error.Fix], text => Assert.DoesNotMatch(secret, text));
        Assert.NotEmpty(_log.Lines);
    }

    [Theory]
    [Trait("EdgeCase", "56")]
    [InlineData("http://api.intercom.io")]
    [InlineData("ftp://api.intercom.io")]
    [InlineData("https://user:pw@api.intercom.io")]
    [InlineData("api.intercom.io")]
    public void A_credential_is_not_sent_to_an_address_that_is_not_safe(string baseUrl)
    {
        _intercom.BaseUrl = baseUrl;

        Assert.Throws<ArgumentException>(NewIntercom);
    }

    [Fact]
    public void The_real_handler_follows_nothing_keeps_nothing_and_tells_nothing()
    {
        using var handler = VendorClient.NewHandler(TimeProvider.System);

        Assert.False(handler.AllowAutoRedirect);
        Assert.False(handler.UseCookies);
        var told = new List<string>();
        using var span = new Activity("ours").AddBaggage("ours", "too").Start();
        handler.ActivityHeadersPropagator!.Inject(span, null, (_, name, value) => told.Add($"{name}: {value}"));
        Assert.Empty(told);
        Assert.Equal(System.Net.DecompressionMethods.All, handler.AutomaticDecompression);
        Assert.Equal(TimeSpan.FromMinutes(5), handler.PooledConnectionLifetime);
    }

    [Fact]
    public void Records_are_gone_with_their_batch()
    {
        Vendor.Answer(Logs(Log("a", Start.AddHours(-1))));
        using var source = NewIntercom();

        _clock.Run(async () =>
        {
            await foreach (var batch in source.ReadAsync(Checkpoints.At(Start.AddHours(-2)), default))
            {
                batch.Dispose();
                Assert.Throws<ArgumentOutOfRangeException>(() => batch.Records[0]);
            }
        });
    }

    private void Script(string name, bool twice)
    {
        for (var i = 0; i < (twice ? 2 : 1); i++)
        {
            Vendor.Answer(name == "intercom" ? Logs(Log("a", Start.AddHours(-1))) : Items(null, Item("a", Start.AddHours(-1))));
        }
    }

    private static Checkpoint From(string name) => name == "intercom" ? Checkpoints.At(Start.AddHours(-2)) : Checkpoints.After("cursor-1");

    private IActivitySource NewSource(string name) => name == "intercom" ? NewIntercom() : NewSequence();

    private IntercomSource NewIntercom() => new(_intercom, Vendor, _clock, new Random(1), _log);

    private SequenceSource NewSequence() => new(_sequence, Vendor, _clock, new Random(1), _log);

    /// <summary>A body that never ends: slow (nothing comes at all) or huge (chunks without end).</summary>
    private sealed class EndlessStream(int chunk) : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (chunk == 0)
            {
                var never = new TaskCompletionSource<int>();
                await using var registration = cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
                return await never.Task;
            }

            var n = Math.Min(chunk, buffer.Length);
            buffer.Span[..n].Fill((byte)' ');
            Given += n;
            return n;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
