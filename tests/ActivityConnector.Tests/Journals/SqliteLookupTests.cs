using System.Buffers.Binary;
using ActivityConnector.Pipeline;
using Microsoft.Data.Sqlite;

namespace ActivityConnector.Tests.Journals;

/// <summary>Many keys are looked up in one walk through the table: what is found is what a search for each would find.</summary>
public sealed class SqliteLookupTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 10)]
    [InlineData(3, 100)]
    public async Task Keys_are_found_whether_few_or_many_others_lie_between_them(int seed, int rowsForEachKnown)
    {
        var random = new Random(seed);
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(new("intercom", "t"), default);
        var rows = Enumerable.Range(0, 2_000).Select(_ => Key(random, hours: 3)).Distinct().ToDictionary(key => key, _ => (ulong)random.NextInt64());
        Insert(rows);
        EventKey[] keys =
        [
            .. rows.Keys.Where(_ => random.Next(rowsForEachKnown) == 0), .. Enumerable.Range(0, 300).Select(_ => Key(random, hours: 5)), .. rows.Keys.Take(3),
        ];
        random.Shuffle(keys);

        var found = await writer.ContentsAsync(keys);

        Assert.Equal(keys.Select(key => rows.TryGetValue(key, out var content) ? content : (ulong?)null), found);
    }

    [Fact]
    public async Task Keys_with_the_same_first_bytes_are_found_in_whatever_order_they_are_asked_for()
    {
        await using var journal = await _file.OpenAsync();
        await using var writer = await journal.OpenWriterAsync(new("intercom", "t"), default);
        var start = (UInt128)0x12345678 << 96;
        Insert(Enumerable.Range(0, 20).ToDictionary(i => new EventKey(start + (uint)(2 * i), 1), i => (ulong)i));

        foreach (var order in (int[][])[[.. Enumerable.Range(0, 40)], [.. Enumerable.Range(0, 40).Reverse()], [39, 3, 2, 20, 2, 0, 38, 1]])
        {
            var found = await writer.ContentsAsync([.. order.Select(i => new EventKey(start + (uint)i, 1))]);

            Assert.Equal(order.Select(i => i % 2 == 0 ? (ulong)i / 2 : (ulong?)null), found);
        }
    }

    /// <summary>Some of few first bytes and last ones, so that keys are near each other.</summary>
    private static EventKey Key(Random random, int hours) =>
        new(((UInt128)(uint)random.Next(500) << 96) + (uint)random.Next(4), (uint)random.Next(hours));

    private void Insert(Dictionary<EventKey, ulong> rows)
    {
        using var connection = _file.Shell();
        using var transaction = connection.BeginTransaction();
        foreach (var (key, content) in rows)
        {
            var k = new byte[20];
            BinaryPrimitives.WriteUInt32BigEndian(k, key.Hour);
            BinaryPrimitives.WriteUInt128BigEndian(k.AsSpan(4), key.Key);
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "INSERT INTO seen(k, content, source) VALUES($k, $content, 1)";
            command.Parameters.Add(new SqliteParameter("$k", k));
            command.Parameters.Add(new SqliteParameter("$content", (long)content));
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }
}
