using System.Net.Http.Headers;
using System.Text;
using ActivityConnector.Pipeline;
using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Sequence;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Transforms;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Sequence;
using static ActivityConnector.Tests.Sources.VendorJson;

namespace ActivityConnector.Tests.Sources.Http;

public sealed class VendorClientTests : IDisposable
{
    private const string NotJson = """{"items":[{"id":"a"b","createdAt":1}],"pagination":{"after":"c"}}""";

    private static readonly DateTimeOffset Start = new(2026, 11, 28, 10, 0, 0, TimeSpan.Zero);

    private static readonly PageShape Shape = SequencePages.Shape;

    private readonly ManualTimeProvider _clock = new(Start);
    private readonly ScriptedVendor _vendor;
    private readonly VendorClient _client;

    public VendorClientTests()
    {
        _vendor = new ScriptedVendor(_clock);
        var api = new VendorApi
        {
            Name = "Vendor",
            Section = "Sources:Vendor",
            BaseUrl = new Uri("https://vendor.example"),
            Authorization = () => new AuthenticationHeaderValue("Bearer", "x"),
            VersionHeader = "V",
            Version = "1",
            ErrorCode = _ => null,
            MoveOn = (_, _) => null,
            Explain = (_, _) => ("cause", "fix"),
        };
        _client = new VendorClient(api, _vendor, _clock, new Random(1), new LogLines());
    }

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(500, true)]
    [InlineData(408, true)]
    [InlineData(504, true)]
    [InlineData(502, false)]
    [InlineData(503, false)]
    public void A_status_concerns_the_range_or_is_an_outage(int status, bool concernsRange)
    {
        _vendor.Answer("", status);

        var failure = Get(attempts: 1).Failure!;

        Assert.Equal((FailureKind.Unavailable, concernsRange, false), (failure.Kind, failure.ConcernsRange, failure.TooLarge));
        _vendor.AssertDone();
    }

    [Theory]
    [InlineData(401)]
    [InlineData(400)]
    public void A_refusal_does_not_concern_the_range(int status)
    {
        _vendor.Answer("", status);

        Assert.False(Get().Failure!.ConcernsRange);
    }

    [Fact]
    public void A_network_that_fails_does_not_concern_the_range()
    {
        _vendor.Throws(new HttpRequestException("reset"));

        Assert.False(Get(attempts: 1).Failure!.ConcernsRange);
    }

    [Fact]
    public void No_answer_in_time_concerns_the_range()
    {
        _vendor.Answer(_ => _vendor.Response(200, new StreamContent(new SilentStream())));

        Assert.True(Get(attempts: 1).Failure!.ConcernsRange);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(VendorClient.MaxAttempts)]
    public void A_request_is_given_up_after_as_many_failures_as_its_caller_says(int attempts)
    {
        for (var i = 0; i < attempts; i++) _vendor.Answer("", 500).Answer("", 429);

        Assert.Equal(500, Get(attempts).Failure!.Status);

        Assert.Equal((attempts * 2) - 1, _vendor.Sent.Count);
    }

    [Theory]
    [InlineData("""{"items":[],"pagination":{"after":7}}""")]
    [InlineData("""{"items":[],"pagination":null}""")]
    [InlineData("""{"items":[]}""")]
    public void Paging_of_an_unexpected_type_is_a_failed_attempt_and_not_an_end(string page)
    {
        _vendor.Answer(page).Answer(Items("c"));

        using var answer = Get().Value;

        Assert.Equal("c", SequencePaging.After(answer!.Paging));
    }

    [Fact]
    public void Paging_that_stays_of_an_unexpected_type_is_said_to_be_unreadable()
    {
        for (var i = 0; i < VendorClient.MaxAttempts; i++) _vendor.Answer("""{"items":[],"pagination":{"after":7}}""");

        using var page = Get().Value;

        Assert.Equal((true, false), (page!.IsSalvaged, page.HasReadablePaging));
    }

    [Fact]
    public void A_page_is_salvaged_when_it_is_still_broken_after_every_attempt()
    {
        for (var i = 0; i < VendorClient.MaxAttempts; i++) _vendor.Answer(NotJson);

        using var page = Get().Value;

        Assert.True(page!.IsSalvaged);
        Assert.Single(page.Broken);
    }

    [Fact]
    public void A_page_that_was_broken_only_once_is_not_salvaged()
    {
        for (var i = 0; i < VendorClient.MaxAttempts - 1; i++) _vendor.Answer("", 503);
        _vendor.Answer(NotJson);

        Assert.Equal(FailureKind.Unreadable, Get().Failure!.Kind);
    }

    [Fact]
    public void A_page_is_not_salvaged_by_who_asks_less_often()
    {
        for (var i = 0; i < VendorClient.MaxAttempts - 1; i++) _vendor.Answer(NotJson);

        var failure = Get(VendorClient.MaxAttempts - 1).Failure!;

        Assert.Equal((FailureKind.Unreadable, true, false), (failure.Kind, failure.ConcernsRange, failure.TooLarge));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_page_that_is_too_large_fails_at_once_and_is_not_read_when_it_says_so_itself(bool tellsLength)
    {
        // As long as it says, or not a page at all for whoever reads it.
        HttpContent page = tellsLength ? new StringContent(NotJson) : new StreamContent(new PiecesStream(Large(2 * VendorClient.MaxPageBytes, "x")));
        if (tellsLength) page.Headers.ContentLength = VendorClient.MaxPageBytes + 1;
        _vendor.Answer(_ => _vendor.Response(200, page));

        var failure = Get().Failure!;

        Assert.Equal((FailureKind.Unreadable, true, true), (failure.Kind, failure.ConcernsRange, failure.TooLarge));
        _vendor.AssertDone();
    }

    [Fact]
    public void A_page_of_exactly_the_largest_size_is_read()
    {
        var start = """{"items":[],"pagination":{}""";
        _vendor.Answer(start + new string(' ', VendorClient.MaxPageBytes - start.Length - 1) + "}");

        using var page = Get().Value;

        Assert.Equal(VendorClient.MaxPageBytes, page!.Bytes.Length);
    }

    [Fact]
    public void The_present_of_a_page_is_that_of_its_request_whenever_the_answer_comes()
    {
        _vendor.Answer(_ =>
        {
            _clock.Advance(TimeSpan.FromSeconds(20));
            return _vendor.Response(200, new StringContent(Items(null)));
        });

        using var page = Get().Value;

        Assert.Equal((Start, Start.AddSeconds(20)), (page!.AsOf, page.ReceivedAt));
    }

    [Theory]
    [InlineData(3 * 86_400, 0)]
    [InlineData(-600, -600)]
    public void The_present_of_a_page_is_by_the_earlier_clock(int vendorAhead, int expected)
    {
        _vendor.Skew = TimeSpan.FromSeconds(vendorAhead);
        _vendor.Answer(Items(null));

        using var page = Get().Value;

        Assert.Equal(Start.AddSeconds(expected), page!.AsOf);
        Assert.Equal(Math.Abs(vendorAhead) > 120, _client.Clock.Contradiction is not null);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    public async Task A_wait_ends_at_once_when_it_is_cancelled(int status)
    {
        using var cancel = new CancellationTokenSource();
        _vendor.Answer("", status, headers: [("Retry-After", "300")]);
        var request = _client.GetPageAsync("p", "", Shape, cancel.Token).AsTask();
        Assert.True(await _clock.NextTimerAsync() >= TimeSpan.FromMinutes(5));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        Assert.Single(_vendor.Sent);
    }

    [Fact]
    public void A_document_with_text_that_cannot_be_decoded_is_a_failed_attempt()
    {
        _vendor.Answer("""{"app":{"name":"\ud800"}}""").Answer("""{"app":{"name":"n"}}""");

        var name = _clock.Run(() => _client.GetJsonAsync("me", ActivityConnector.Sources.Intercom.IntercomWorkspace.Read, default).AsTask()).Value;

        Assert.Equal("n", name!.Name);
    }

    [Fact]
    public void A_record_that_is_larger_than_a_page_may_be_is_read_through_and_its_id_time_account_and_paging_are_kept()
    {
        var size = VendorClient.MaxPageBytes + 5_000;
        _vendor.Answer(_ => _vendor.Response(200, new StreamContent(new PiecesStream(Large(size, "é]},{\\\" \\\\")))));

        using var page = _clock.Run(() => _client.GetOutsizedAsync("p", "limit=1", Shape, default).AsTask()).Value;

        Assert.Empty(page!.Records);
        Assert.Equal("c", SequencePaging.After(page.Paging));
        var broken = Assert.Single(page.Broken);
        Assert.Equal(("big", "acc", Start.ToUnixTimeMilliseconds()), (Text(broken.Id), Text(broken.Account), broken.Time));
        Assert.Equal(DeadLetter.MaxBodyBytes, broken.Bytes.Length);
        Assert.StartsWith("{\"m\":{\"id\":\"no\"", Text(broken.Bytes), StringComparison.Ordinal);
        Assert.InRange(broken.Length, size, size + 200);
        Assert.Matches($"^A page with this record alone has 1678[0-9]+ bytes; a page may have {VendorClient.MaxPageBytes}[.]$", broken.Reason);
    }

    [Theory]
    [InlineData("white space", 0)]
    [InlineData("another member", 0)]
    [InlineData("another member", 3_000_000)]
    public void A_record_on_a_page_that_something_else_makes_too_large_is_a_record(string what, int size)
    {
        var record = $$"""{"m":{"id":"no"}, "id":"a","createdAt":"2026-01-01T00:00:00Z", "sequenceAccountId":"acc","text":"]},{ {{new string('y', size)}}"}""";
        var filling = new string(what == "white space" ? ' ' : 'x', VendorClient.MaxPageBytes);
        var member = what == "white space" ? filling : $"\"debug\":\"{filling}\",";
        var body = Encoding.UTF8.GetBytes($$$"""{ {{{member}}} "items" : [ {{{record}}} ] , "pagination":{"after":"c"}}""");
        _vendor.Answer(_ => _vendor.Response(200, new StreamContent(new PiecesStream(body))));

        using var page = _clock.Run(() => _client.GetOutsizedAsync("p", "limit=1", Shape, default).AsTask()).Value;

        Assert.Empty(page!.Broken);
        Assert.Equal("c", SequencePaging.After(page.Paging));
        var kept = Assert.Single(page.Records);
        Assert.Equal((record, "a", "acc"), (Text(kept.Json), Text(kept.Id), Text(kept.Account)));
    }

    [Fact]
    public void A_small_record_that_is_not_JSON_on_such_a_page_is_a_broken_element()
    {
        var record = """{"id":"a","createdAt":"2026-01-01T00:00:00Z","text":"an "unescaped" quote"}""";
        var debug = new string('x', VendorClient.MaxPageBytes);
        var body = Encoding.UTF8.GetBytes($$$"""{"debug":"{{{debug}}}","items":[{{{record}}}],"pagination":{"after":"c"}}""");
        _vendor.Answer(_ => _vendor.Response(200, new StreamContent(new PiecesStream(body))));

        using var page = _clock.Run(() => _client.GetOutsizedAsync("p", "limit=1", Shape, default).AsTask()).Value;

        Assert.Empty(page!.Records);
        Assert.Equal(record, Text(Assert.Single(page.Broken).Bytes));
        Assert.Equal("c", SequencePaging.After(page.Paging));
    }

    [Theory]
    [InlineData("the body is cut off", 30, 1)]
    [InlineData("there are two records", 0, 2)]
    [InlineData("it is not too large after all", 0, 0)]
    public void A_stream_that_is_not_one_large_record_is_a_failed_attempt(string what, int cut, int records)
    {
        var body = records == 0
            ? Encoding.UTF8.GetBytes(Items("c", Item("a", Start)))
            : Large(VendorClient.MaxPageBytes + 10, "x", cut, records == 1 ? "" : "," + Item("a", Start));
        for (var i = 0; i < VendorClient.MaxAttempts; i++) _vendor.Answer(_ => _vendor.Response(200, new StreamContent(new PiecesStream(body))));

        var failure = _clock.Run(() => _client.GetOutsizedAsync("p", "limit=1", Shape, default).AsTask()).Failure;

        Assert.True(failure is { Kind: FailureKind.Unreadable }, what);
        _vendor.AssertDone();
    }

    [Fact]
    public void A_dead_letter_has_the_same_id_when_it_is_read_again_and_another_for_another_text()
    {
        var outsized = new BrokenElement("abc"u8.ToArray(), 100, "r") { Id = "7"u8.ToArray() };
        var plain = outsized with { Id = default };

        Assert.Equal("14129fbae4c55218e81b5ef29b242d0b23ae2765", IdOf(outsized));
        Assert.Equal("761d422773a3901ee40babe8b60056ecac42e0f7", IdOf(plain));
        Assert.Equal(IdOf(outsized), IdOf(outsized with { Length = 200, Reason = "other", Bytes = "abd"u8.ToArray() }));
        Assert.Equal(IdOf(plain), IdOf(plain with { Reason = "other" }));
        BrokenElement[] others =
        [
            outsized, plain, plain with { Length = 101 }, plain with { Bytes = "abd"u8.ToArray() }, outsized with { Id = "8"u8.ToArray() },
        ];
        Assert.Equal(others.Length, others.Select(IdOf).Distinct().Count());

        static string IdOf(BrokenElement broken)
        {
            var unit = new BatchBuilder("vendor");
            var page = new VendorPage(PageBody.Copy("x"u8)) { AsOf = default, ReceivedAt = default };
            page.Broken.Add(broken);
            unit.Add(page, "origin", _ => true);
            using var batch = unit.Build(Checkpoints.At(Start).Position, needsCommit: false);
            Assert.Equal((broken.Reason, broken.Length), (batch.DeadLetters[0].Reason, batch.DeadLetters[0].OriginalLength));
            return batch.DeadLetters[0].Id;
        }
    }

    [Fact]
    public void Each_of_many_broken_parts_of_a_page_is_a_dead_letter_once()
    {
        const int count = 50_000;
        var page = new VendorPage(PageBody.Copy("x"u8)) { AsOf = default, ReceivedAt = default };
        for (var i = 0; i < count; i++) page.Broken.Add(new BrokenElement(BitConverter.GetBytes(i), sizeof(int), "It is not valid JSON."));
        var unit = new BatchBuilder("vendor");

        unit.Add(page, "origin", _ => true);
        unit.Add(page, "origin", _ => true);

        using var batch = unit.Build(Checkpoints.At(Start).Position, needsCommit: false);
        Assert.Equal(Enumerable.Range(0, count), batch.DeadLetters.Select(d => BitConverter.ToInt32(d.Body.Span)));
    }

    [Theory]
    [InlineData(DeadLetter.MaxBodyBytes)]
    [InlineData(DeadLetter.MaxBodyBytes + 1)]
    [InlineData((3 * DeadLetter.MaxBodyBytes) + 17)]
    public void A_broken_part_of_a_page_is_kept_whole_in_as_many_dead_letters_as_it_takes(int bytes)
    {
        // The same byte all over: each part must have an id of its own nevertheless.
        var text = Enumerable.Repeat((byte)'x', bytes).ToArray();
        var page = new VendorPage(PageBody.Copy("x"u8)) { AsOf = default, ReceivedAt = default };
        page.Broken.Add(new BrokenElement(text, bytes, "It is not valid JSON."));
        var unit = new BatchBuilder("vendor");

        unit.Add(page, "origin", _ => true);
        unit.Add(page, "origin", _ => true);

        using var batch = unit.Build(Checkpoints.At(Start).Position, needsCommit: false);
        Assert.Equal(text, batch.DeadLetters.SelectMany(d => d.Body.ToArray()));
        Assert.All(batch.DeadLetters, d => Assert.InRange(d.Body.Length, 1, DeadLetter.MaxBodyBytes));
        Assert.EndsWith("It is not valid JSON.", batch.DeadLetters[^1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void One_record_with_a_time_that_cannot_be_decoded_is_an_event_that_says_so_and_the_others_are_as_they_should_be()
    {
        var records = Enumerable.Range(0, 300).Select(i => Item($"{i}", Start)).ToArray();
        records[150] = records[150].Replace("\"createdAt\":\"", "\"createdAt\":\"2026-01-01T\\ud800\",\"x\":\"", StringComparison.Ordinal);
        _vendor.Answer(Items(null, records));
        using var page = Get().Value;
        using var events = new EventBatch();

        var transform = new SequenceTransform(Mapped.SequenceTable, Mapped.SequenceSettings);
        foreach (var record in page!.Records) transform.Transform(new(record.Json, record.ReceivedAt, record.IsSalvaged), events);

        Assert.Equal(300, events.Events.Count);
        Assert.Equal([150], events.Events.Select((e, i) => (e, i)).Where(x => x.e.IsPipelineError).Select(x => x.i));
    }

    private Reply<VendorPage> Get(int attempts = VendorClient.MaxAttempts) =>
        _clock.Run(() => _client.GetPageAsync("p", "", Shape, default, attempts).AsTask());

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    /// <summary>A page of one record of about this size.</summary>
    private static byte[] Large(int size, string filling, int cut = 0, string more = "")
    {
        var start = """ { "note":"{[\"", "items" : [ {"m":{"id":"no","createdAt":1,"l":[{"id":"no"}]},"text":" """u8;
        var end = $$$""" ","sequenceAccountId":"acc", "id" : "big","createdAt":"{{{Start:O}}}"} {{{more}}}"""
            + """ ] , "x":[{"items":[]}], "pagination":{"after":"c"}}""";
        var unit = Encoding.UTF8.GetBytes(filling);
        var page = new byte[start.Length + (size / unit.Length * unit.Length) + Encoding.UTF8.GetByteCount(end)];
        start.CopyTo(page);
        var at = start.Length;
        for (; at < start.Length + (size / unit.Length * unit.Length); at += unit.Length) unit.CopyTo(page, at);
        Encoding.UTF8.GetBytes(end, page.AsSpan(at));
        return page[..^cut];
    }

    /// <summary>Bytes in uneven pieces, as a network brings them.</summary>
    private sealed class PiecesStream(byte[] bytes) : ReadOnlyStream
    {
        private int _at;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(Math.Min(buffer.Length, 60_000 + (_at % 7)), bytes.Length - _at);
            bytes.AsMemory(_at, count).CopyTo(buffer);
            _at += count;
            return ValueTask.FromResult(count);
        }
    }

    /// <summary>Nothing ever comes.</summary>
    private sealed class SilentStream : ReadOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var never = new TaskCompletionSource<int>();
            await using var registration = cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
            return await never.Task;
        }
    }

    private abstract class ReadOnlyStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
