using System.Diagnostics;
using System.Numerics;
using System.Text;
using ActivityConnector.Transforms;
using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Sequence;

namespace ActivityConnector.Tests.Transforms;

/// <summary>Names chosen to have one checksum (CRC-32C, which the tables here once hashed by) cost no more than others.</summary>
public sealed class CollidingNamesTests
{
    private const int Many = 80_000;

    [Fact]
    public void The_names_have_one_checksum_and_differ()
    {
        var names = Names(1_000);

        Assert.Distinct(names);
        Assert.Single(names.Select(name => Checksum(Encoding.ASCII.GetBytes(name))).Distinct());
    }

    [Fact]
    public void Metadata_of_colliding_names_is_read_in_linear_time() => CheckLinear(
        new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings),
        count => Mapped.IntercomRecord($"\"metadata\":{{\"changes\":{Members(count)},\"before\":{Members(count)},\"after\":{{}}}}"));

    [Fact]
    public void An_item_of_colliding_names_is_read_in_linear_time() => CheckLinear(
        new SequenceTransform(Mapped.SequenceTable, Mapped.SequenceSettings),
        count => Mapped.SequenceRecord($"[{Mapped.Item(members: $"\"metadata\":[{Members(count)}]")}]"));

    /// <summary>Where the work is quadratic it takes half a minute; otherwise a fifth of a second, and more on a machine that does other work.</summary>
    private static void CheckLinear(IActivityTransform transform, Func<int, string> record)
    {
        var bytes = Encoding.UTF8.GetBytes(record(Many));
        var start = Stopwatch.GetTimestamp();
        Mapped.All(transform, bytes).Dispose();
        var time = Stopwatch.GetElapsedTime(start);

        Assert.True(time < TimeSpan.FromSeconds(10), $"{Many} names took {time}.");
    }

    private static string Members(int count) => $"{{{string.Join(',', Names(count).Select(name => $"\"{name}\":1"))}}}";

    /// <summary>
    /// Names of 16 letters, each letter one of 16. A checksum is linear in the 64 bits that choose them, so the choices that change nothing of
    /// it are sums of a few basic ones.
    /// </summary>
    private static string[] Names(int count)
    {
        var zero = Checksum(Letters(0));
        var basis = new (uint Checksum, ulong Choice)[32];
        var neutral = new List<ulong>();
        for (var bit = 0; bit < 64; bit++)
        {
            var (checksum, choice) = (Checksum(Letters(1UL << bit)) ^ zero, 1UL << bit);
            while (checksum != 0 && basis[BitOperations.Log2(checksum)] is { Choice: not 0 } known)
            {
                (checksum, choice) = (checksum ^ known.Checksum, choice ^ known.Choice);
            }

            if (checksum == 0)
            {
                neutral.Add(choice);
            }
            else
            {
                basis[BitOperations.Log2(checksum)] = (checksum, choice);
            }
        }

        return [.. Enumerable.Range(0, count).Select(i => Encoding.ASCII.GetString(Letters(
            neutral.Where((_, bit) => (i >> bit & 1) != 0).Aggregate(0UL, (sum, choice) => sum ^ choice))))];
    }

    private static byte[] Letters(ulong choice) => [.. Enumerable.Range(0, 16).Select(i => (byte)(0x60 | (choice >> (4 * i) & 15)))];

    private static uint Checksum(byte[] name) => BitOperations.Crc32C(BitOperations.Crc32C(16, BitConverter.ToUInt64(name, 0)), BitConverter.ToUInt64(name, 8));
}
