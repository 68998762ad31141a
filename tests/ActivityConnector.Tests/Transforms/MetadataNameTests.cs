using System.Text;
using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Tests.Transforms;

public sealed class MetadataNameTests
{
    private const int Members = 50_000;

    /// <summary>A name is made for every member, and each may have 128 characters; only those of an event are kept.</summary>
    [Fact]
    public void Names_that_no_event_has_take_no_room()
    {
        var keys = string.Join(',', Enumerable.Range(0, Members).Select(n => $"\"k{n}\":{n}"));
        var changed = keys.Replace(":1", ":2", StringComparison.Ordinal);
        var path = new string('名', 128);
        var record = new RecordTree();
        record.Read(Encoding.UTF8.GetBytes($"{{\"before\":{{\"{path}\":{{{keys}}}}},\"after\":{{\"{path}\":{{{changed}}}}}}}"));
        var start = record.Mark();

        new FlatValues(record).Walk(0);
        new ChangedSettings(record).Read(-1, record.Find(0, "before"u8), record.Find(0, "after"u8));

        Assert.InRange(record.Mark() - start, 1, 1024 * 1024);
    }
}
