using System.Text;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Transforms;

/// <summary>Many records in one call share the computing of their digests; nothing else may come of it.</summary>
public sealed class GroupedRecordsTests
{
    [Fact]
    public void Intercom_records_mapped_together_are_the_events_of_records_mapped_alone()
        => CheckSame(
            () => new IntercomTransform(Mapped.IntercomTable, Mapped.IntercomSettings),
            number => $$"""{"id":"{{number}}","created_at":1547669358,"activity_type":"app_name_change","activity_description":"{{new string('d', number * 131 % 20_000)}}"}""");

    [Fact]
    public void Sequence_records_mapped_together_are_the_events_of_records_mapped_alone()
        => CheckSame(
            () => new SequenceTransform(Mapped.SequenceTable, Mapped.SequenceSettings),
            number => number % 7 == 0 ? "null" : Mapped.SequenceRecord($"[{string.Join(',', Enumerable.Range(0, number % 4).Select(item => Mapped.Item(members: $"\"id\":\"{number}-{item}\"")))}]"));

    private static void CheckSame(Func<IActivityTransform> make, Func<int, string> record)
    {
        RawActivity[] activities = [.. Enumerable.Range(0, 600).Select(number => new RawActivity(Encoding.UTF8.GetBytes(record(number)), Mapped.ReceivedAt))];
        using var together = new EventBatch();
        make().Transform(activities, together);
        var transform = make();
        var alone = activities.SelectMany(activity =>
        {
            // A batch of its own: there is always room where this event is written.
            using var batch = new EventBatch();
            transform.Transform([activity], batch);
            return batch.Events.Select(Known).ToList();
        });

        Assert.Equal(alone, together.Events.Select(Known));
    }

    private static (string Json, string Id, UInt128 Key, ulong ContentHash) Known(EcsEvent e) => (e.Text(), e.Id, e.Key, e.ContentHash);
}
