using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>It knows what a queue and a dictionary beside it would know.</summary>
public sealed class SeenRingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_was_added_and_not_let_go_is_known_in_its_order(int seed)
    {
        var random = new Random(seed);
        var (ring, queue, known) = (new SeenRing(), new Queue<SeenEvent>(), new Dictionary<EventKey, ulong>());
        var next = 0;
        for (var round = 0; round < 200; round++)
        {
            // Grows past several sizes, then shrinks to nothing, and again.
            var (added, removed) = round % 100 < 50 ? (random.Next(400), random.Next(100)) : (random.Next(100), random.Next(600));
            for (var i = 0; i < added; i++)
            {
                var seen = new SeenEvent(Key(next++), (ulong)random.NextInt64());
                ring.Add(seen);
                queue.Enqueue(seen);
                known.Add(seen.Key, seen.Content);
            }

            removed = Math.Min(removed, queue.Count);
            ring.RemoveFirst(removed);
            for (var i = 0; i < removed; i++)
            {
                known.Remove(queue.Dequeue().Key);
            }

            Assert.Equal(queue, Enumerable.Range(0, ring.Count).Select(i => ring[i]));
            Assert.All(Enumerable.Range(Math.Max(0, next - 3_000), Math.Min(next, 3_000)).Select(Key), key => Assert.Equal(
                known.TryGetValue(key, out var content) ? content : null, ring.Find(key)));
        }
    }

    [Fact]
    public void Keys_that_differ_in_one_part_only_are_different()
    {
        var ring = new SeenRing();
        ring.Add(new(new(7, 1), 10));
        ring.Add(new(new(7, 2), 20));
        ring.Add(new(new(((UInt128)1 << 64) + 7, 1), 30));

        Assert.Equal(10UL, ring.Find(new(7, 1)));
        Assert.Equal(20UL, ring.Find(new(7, 2)));
        Assert.Equal(30UL, ring.Find(new(((UInt128)1 << 64) + 7, 1)));
        Assert.Null(ring.Find(new(((UInt128)1 << 64) + 7, 2)));
    }

    [Fact]
    public void A_key_that_was_added_twice_has_the_later_content_until_that_is_let_go()
    {
        var ring = new SeenRing();
        ring.Add(new(Key(1), 10));
        ring.Add(new(Key(1), 20));
        Assert.Equal(20UL, ring.Find(Key(1)));

        ring.RemoveFirst(1);
        Assert.Equal(20UL, ring.Find(Key(1)));

        ring.RemoveFirst(1);
        Assert.Null(ring.Find(Key(1)));
    }

    /// <summary>Many share their low bits, as no digests do.</summary>
    private static EventKey Key(int number) => new(((UInt128)number << 64) + ((ulong)number % 97), (uint)number % 5);
}
