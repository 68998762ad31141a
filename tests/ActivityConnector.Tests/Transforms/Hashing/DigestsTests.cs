using System.Security.Cryptography;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Transforms.Hashing;

public sealed class DigestsTests
{
    public static TheoryData<string> Paths => [.. Enum.GetValues<DigestPath>().Where(path => path <= Digests.BestPath).Select(path => path.ToString())];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Every_short_length_has_the_platforms_digest(string path)
    {
        var random = new Random(1);
        Check(path, [.. Enumerable.Range(0, 301).Select(length => Bytes(random, length))]);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Any_mix_of_lengths_in_any_number_has_the_platforms_digests(string path)
    {
        var random = new Random(2);
        for (var round = 0; round < 200; round++)
        {
            var longest = random.Next(1, round % 2 == 0 ? 5000 : 300);
            Check(path, [.. Enumerable.Range(0, random.Next(0, 80)).Select(_ => Bytes(random, random.Next(longest)))]);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Cleared_digests_forget_the_messages_before(string path)
    {
        var digests = new Digests(Enum.Parse<DigestPath>(path));
        var random = new Random(3);
        for (var round = 0; round < 3; round++)
        {
            digests.Clear();
            Check(digests, [.. Enumerable.Range(0, 40).Select(i => Bytes(random, i * 10))]);
        }
    }

    private static void Check(string path, byte[][] messages) => Check(new Digests(Enum.Parse<DigestPath>(path)), messages);

    private static void Check(Digests digests, byte[][] messages)
    {
        foreach (var message in messages)
        {
            var (third, half) = (message.Length / 3, message.Length / 2);
            digests.Add(message.AsSpan(0, third), message.AsSpan(third..half), message.AsSpan(half));
        }

        digests.Compute();
        for (var i = 0; i < messages.Length; i++)
        {
            Assert.Equal(Convert.ToHexString(SHA256.HashData(messages[i])), Convert.ToHexString(digests[i]));
        }
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
