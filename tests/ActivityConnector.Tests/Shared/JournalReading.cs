using ActivityConnector.Pipeline;

namespace ActivityConnector.Tests.Shared;

internal static class JournalReading
{
    /// <summary>The next so many events, in as many reads as it takes: how many come in one is the journal's to choose.</summary>
    public static async Task<IReadOnlyList<JournalEvent>> TakeAsync(this IJournalReader reader, int count)
    {
        var taken = new List<JournalEvent>();
        while (taken.Count < count)
        {
            var events = await reader.ReadAsync(count - taken.Count, CancellationToken.None);
            Assert.NotEmpty(events);
            taken.AddRange(events);
        }

        return taken;
    }
}
