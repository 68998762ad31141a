using System.Text;
using System.Text.Json;
using ActivityConnector.Sources.Http;
using ActivityConnector.Sources.Sequence;

namespace ActivityConnector.Tests.Sources.Http;

public class OutsizedPageTests
{
    private const int MostAllocated = 8 << 20;

    /// <summary>64 MB of what the reader looks at and which no limit of a single part ends.</summary>
    [Theory]
    [InlineData("""{"items":[{"id":"1",""" + "\"", "\\\"")]
    [InlineData("""{"items":[""", "{}")]
    [InlineData("""{"items":[{"x":1,""", "\"id\",")]
    [InlineData("""{"items":[{"id":1}],""", "\"items\":[],")]
    public async Task An_endless_page_takes_little_memory(string start, string repeated)
    {
        await using var stream = new RepeatingStream(Encoding.UTF8.GetBytes(start), Encoding.UTF8.GetBytes(repeated), 64 << 20);
        var before = GC.GetAllocatedBytesForCurrentThread();

        // The stream never waits, so everything is done on this thread.
        var reading = OutsizedPage.ReadAsync(stream, SequencePages.Shape, 1 << 20, CancellationToken.None);

        Assert.True(reading.IsCompleted);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
        await Assert.ThrowsAnyAsync<JsonException>(async () => await reading);
    }

    private sealed class RepeatingStream(byte[] start, byte[] repeated, long length) : MemoryStream
    {
        private long _at;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(buffer.Length, length - _at);
            for (var i = 0; i < count; i++, _at++) buffer.Span[i] = _at < start.Length ? start[_at] : repeated[(_at - start.Length) % repeated.Length];

            return ValueTask.FromResult(count);
        }
    }
}
