using ActivityConnector.Commands;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>The input of <c>transform</c>, a stream of records: each is read, or is an error of its line, and the stream is read to its end.</summary>
internal static class RecordStreamTarget
{
    public static async Task ReadAsync(byte[] input)
    {
        var records = 0;
        await foreach (var record in new RawRecords(new MemoryStream(input), "items").ReadAsync(CancellationToken.None))
        {
            Assert.True(++records <= input.Length);
            if (record.Error is null) await RecordTarget.ReadAsync(record.Json.ToArray(), "sequence");
        }
    }
}
